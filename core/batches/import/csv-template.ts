import type { PluginRegistry } from '../../plugin-host/plugin-registry.ts';
import { coreColumns } from './import-row.ts';

const examples: Readonly<Record<(typeof coreColumns)[number], string>> = {
  file: 'saffron-buns.mp4',
  caption: '200 saffron buns before seven',
  channels: '@hazelandrye @hazelandrye.workshops',
  date: '2026-12-10',
  time: '07:30',
  cover_seconds: '2.5',
  cover_photo: '',
};

/** The same for a post of pictures. */
const ofPictures: typeof examples = {
  ...examples,
  file: 'croissant-1.jpg|croissant-2.jpg|croissant-3.jpg',
  caption: 'How we fold 27 layers into one croissant',
  time: '18:00',
  cover_seconds: '',
  cover_photo: '1',
};

/** The first line and two examples, as spreadsheets open it: with a mark for UTF-8, cells in quotes where they must be. */
export function csvTemplate(plugins: Pick<PluginRegistry, 'all'>, say: (text: string) => string): string {
  const ofNetworks = plugins.all().flatMap(({ parts }) => parts.composer.columns ?? []);
  const head = [...coreColumns, ...ofNetworks.map(({ name }) => name)];
  const lines = [examples, ofPictures].map((line) => [
    ...coreColumns.map((name) => line[name]),
    ...ofNetworks.map(({ example }) => say(example)),
  ]);
  return `\uFEFF${[head, ...lines].map((cells) => cells.map(quoted).join(',')).join('\r\n')}\r\n`;
}

function quoted(cell: string): string {
  return /[",;\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
