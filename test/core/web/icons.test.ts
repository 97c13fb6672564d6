import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { iconNames } from '../../../core/web/icon-names.ts';
import { buildIconSprite } from '../../../core/web/icons.ts';

const shipped = join(import.meta.dirname, '../../../node_modules/bootstrap-icons/icons');

describe('buildIconSprite', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'icons-'));
    writeFileSync(join(folder, 'plus.svg'), '<svg viewBox="0 0 16 16" class="bi">\n  <path d="M1 1"/>\n</svg>\n');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('makes one symbol of each icon, under its name', () => {
    expect(buildIconSprite(['plus', 'plus'], folder)).to.equal(
      '<svg xmlns="http://www.w3.org/2000/svg"><symbol id="plus" viewBox="0 0 16 16"><path d="M1 1"/></symbol></svg>\n',
    );
  });

  it('names every icon that is not there', () => {
    expect(() => buildIconSprite(['plus', 'minus', 'times'], folder)).to.throw('minus, times');
  });

  it('reads nothing outside its folder', () => {
    expect(() => buildIconSprite(['../plus'], join(folder))).to.throw('../plus');
  });

  it('finds every icon of the host in the package that is installed', () => {
    const sprite = buildIconSprite(iconNames, shipped);
    for (const name of iconNames) expect(sprite).to.contain(`<symbol id="${name}"`);
  });
});
