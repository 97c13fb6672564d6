import type { Translate } from '#plugin-api';
import type { StrongText } from '../help/error-model.ts';
import type { PackModel } from './pack-model.ts';

interface Words {
  readonly t: Translate;
  readonly say: (text: string) => string;
  readonly locale: string;
}

/** The pack as a file of Markdown. Times are UTC, for it is passed on. */
export function packMarkdown(pack: PackModel, words: Words): string {
  const { t } = words;
  const sections = [
    [`# ${plain(pack.title)}`, t('going-live:pack.made', { at: timeOf(pack.madeAt, words) })],
    [`## ${t('going-live:pack.facts')}`, list(pack.facts.map(({ label, value }) => `${plain(label)}: ${code(value)}`))],
    [`## ${t('going-live:pack.texts')}`, t('going-live:texts.english'), ...textsOf(pack, words)],
    [`## ${t('going-live:pack.script')}`, list(pack.rules.map(plain)), ...scenesOf(pack, words)],
    [`## ${t('going-live:pack.steps')}`, list(pack.steps.map((step) => stepLine(step, words)))],
  ];
  return `${sections.flat().join('\n\n')}\n`;
}

function textsOf({ groups }: PackModel, { t, say }: Words): readonly string[] {
  return groups.flatMap(({ kind, texts }) => [
    `### ${t(`going-live:texts.${kind}`)}`,
    ...texts.flatMap(({ name, text, warning }) => [`#### ${plain(name)}`, plain(text === '' ? say(warning) : text)]),
  ]);
}

function scenesOf({ scenes }: PackModel, { t, say }: Words): readonly string[] {
  return scenes.flatMap(({ n, title, clicks, points }) => [
    `### ${n}. ${plain(say(title))}`,
    clicks.map((click, at) => `${at + 1}. ${strong(click)}`).join('\n'),
    `${t('going-live:film.points')}:`,
    list(points.map((point) => pointLine(point))),
  ]);
}

function pointLine({ name, shows, say }: PackModel['scenes'][number]['points'][number]): string {
  return `**${plain(name)}**${shows === '' ? '' : ` (${plain(shows)})`}: ${plain(say)}`;
}

function stepLine(step: PackModel['steps'][number], words: Words): string {
  const { t } = words;
  const { isDone, title, said, isSeen, open } = step;
  const who =
    said === null ? (isSeen ? t('going-live:pack.seen') : '') : t('going-live:pack.said', saidValues(said, words));
  const about = isDone ? who : [step.state, ...open].join('; ');
  return `[${isDone ? 'x' : ' '}] ${plain(title)}${about === '' ? '' : ` (${plain(about)})`}`;
}

function saidValues({ at, by }: { readonly at: number; readonly by: string | null }, words: Words) {
  return { name: by ?? words.t('going-live:pack.gone'), at: timeOf(at, words) };
}

function timeOf(at: number, { locale }: Words): string {
  return `${new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' }).format(at)} UTC`;
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join('\n');
}

function strong(parts: StrongText): string {
  return parts.map(({ text, isStrong }) => (isStrong ? `**${plain(text)}**` : plain(text))).join('');
}

/** What was typed by people means nothing in Markdown. */
function plain(text: string): string {
  return text.replace(/\s+/gu, ' ').replace(/[\\`*_[\]<>#|~]/gu, String.raw`\$&`);
}

/** Copied letter for letter. */
function code(text: string): string {
  return text.includes('`') ? plain(text) : `\`${text.replace(/\s+/gu, ' ')}\``;
}
