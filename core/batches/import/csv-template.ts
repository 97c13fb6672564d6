import type { PluginRegistry } from '../../plugin-host/plugin-registry.ts';
import { coreColumns } from './import-row.ts';

const examples: Readonly<Record<(typeof coreColumns)[number], string>> = {
  file: 'saffron-buns.mp4',
  caption: '200 saffron buns before seven',
  channels: '@hazelandrye @hazelandrye.workshops',
  date: '2026-12-10',
  time: '07:30',
  cover_seconds: '2.5',
};

/** The first line and an example, as spreadsheets open it: with a mark for UTF-8, cells in quotes where they must be. */
export function csvTemplate(plugins: Pick<PluginRegistry, 'all'>, say: (text: string) => string): string {
  const ofNetworks = plugins.all().flatMap(({ parts }) => parts.composer.columns ?? []);
  const head = [...coreColumns, ...ofNetworks.map(({ name }) => name)];
  const example = [...coreColumns.map((name) => examples[name]), ...ofNetworks.map((column) => say(column.example))];
  return `\uFEFF${[head, example].map((cells) => cells.map(quoted).join(',')).join('\r\n')}\r\n`;
}

function quoted(cell: string): string {
  return /[",;\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
