import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * One SVG file that holds every named icon as a `<symbol>` with the icon's name as its id; pages point at it with `<use>`.
 *
 * @param names Bootstrap icon names; a name given twice is kept once.
 * @param folder The folder of the `.svg` files.
 * @throws Error naming every icon that is not there: a picture that is missing is noticed at the start, not on a page.
 */
export function buildIconSprite(names: readonly string[], folder: string): string {
  const wanted = [...new Set(names)];
  const symbols = wanted.map((name) => ({ name, symbol: readSymbol(name, folder) }));
  const missing = symbols.filter(({ symbol }) => symbol === undefined).map(({ name }) => name);
  if (missing.length > 0) {
    throw new Error(`These icons are not in ${folder}: ${missing.join(', ')}. Use names of Bootstrap icons.`);
  }
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.map(({ symbol }) => symbol ?? '').join('')}</svg>\n`;
}

function readSymbol(name: string, folder: string): string | undefined {
  if (!/^[a-z0-9-]+$/.test(name)) return undefined;
  const svg = readIfThere(join(folder, `${name}.svg`));
  if (svg === undefined) return undefined;
  const viewBox = /viewBox="([^"]+)"/.exec(svg)?.[1] ?? '0 0 16 16';
  const drawing = svg.replace(/^[\s\S]*?<svg[^>]*>/, '').replace(/<\/svg>\s*$/, '');
  return `<symbol id="${name}" viewBox="${viewBox}">${drawing.replace(/\s*\n\s*/g, '')}</symbol>`;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Reported by the caller together with every other missing icon.
    return undefined;
  }
}
