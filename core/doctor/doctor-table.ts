import { stripVTControlCharacters } from 'node:util';
import type { Finding } from '#plugin-api';
import type { Speech } from '../web/texts.ts';

export interface TableRow {
  readonly label: string;
  readonly finding: Finding;
  /** The address of its code's page in the error book. */
  readonly codeUrl?: string | undefined;
}

const order = ['bad', 'warn', 'ok'] as const;
const gap = '  ';

/** Plain text for a terminal or a mail: what does not work first, each with what to do about it. */
export function tableOf(rows: readonly TableRow[], { t, say }: Pick<Speech, 't' | 'say'>): string {
  const words = (text: string): string => stripVTControlCharacters(say(text)).replaceAll(/\s+/gu, ' ').trim();
  const mark = (tone: Finding['tone']): string => words(t(`doctor:table.${tone}`));
  const width = Math.max(...order.map((tone) => mark(tone).length));
  const labelWidth = Math.max(0, ...rows.map(({ label }) => words(label).length));
  const indent = ' '.repeat(width + gap.length);
  const sorted = order.flatMap((tone) => rows.filter(({ finding }) => finding.tone === tone));
  const lines = sorted.flatMap(({ label, finding, codeUrl }) => [
    [mark(finding.tone).padEnd(width), words(label).padEnd(labelWidth), words(sentenceOf(finding))].join(gap),
    ...detailsOf(finding, t, codeUrl).map((line) => `${indent}${words(line)}`),
  ]);
  const count = (tone: Finding['tone']): number => rows.filter(({ finding }) => finding.tone === tone).length;
  const summary = t('doctor:table.summary', { bad: count('bad'), warn: count('warn'), ok: count('ok') });
  return [...lines, '', words(summary)].join('\n');
}

function sentenceOf({ sentence, at }: Finding): string {
  return at === undefined ? sentence : `${sentence} (${new Date(at).toISOString()})`;
}

function detailsOf({ tone, meaning, steps, code, logId }: Finding, t: Speech['t'], codeUrl = ''): readonly string[] {
  if (tone === 'ok') return [];
  return [
    ...(meaning === undefined ? [] : [meaning]),
    ...steps.map((step, index) => `${index + 1}. ${step}`),
    ...(code === undefined
      ? []
      : [
          [t('doctor:table.code', { code }), logId === undefined ? '' : `log_id ${logId}`, codeUrl]
            .filter(Boolean)
            .join(' · '),
        ]),
  ];
}
