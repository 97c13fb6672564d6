import type { CheckState, Translate } from '#plugin-api';
import type { TimedRow } from './access-rows.ts';
import type { CheckReport } from './channel-check-service.ts';
import { tellConclusion } from './check-words.ts';

const marks: Readonly<Record<CheckState, string>> = { ok: '✓', warning: '!', failed: '✗', unknown: '–' };

/** The same as the page, for a terminal. @param longTime a moment in words */
export function reportLines(report: CheckReport, t: Translate, longTime: (at: number) => string): readonly string[] {
  const { conclusion, app, network } = report;
  const told = tellConclusion(report, t);
  const groups = [
    ['access', report.access],
    ['permissions', report.permissions],
    ['calls', report.calls],
  ] as const;
  return [
    ...(app === null ? [] : [app]),
    '',
    `${marks[conclusion.state]} ${told.sentence}`,
    `  ${told.next}`,
    ...(conclusion.code === 'ok' ? [] : [`  ${fineOf(t, conclusion)}`]),
    ...groups.flatMap(([name, rows]) =>
      rows.length === 0
        ? []
        : ['', t(`channel-check:group.${name}`, { network }), ...rows.flatMap((row) => linesOf(row, t, longTime))],
    ),
    '',
  ];
}

function linesOf(row: TimedRow, t: Translate, longTime: (at: number) => string): readonly string[] {
  const at = row.at === undefined ? '' : ` ${longTime(row.at)}`;
  const fine = fineOf(t, row);
  const text = `  ${marks[row.state]} ${row.title}: ${row.text}${at}`;
  return fine === '' ? [text] : [text, `    ${fine}`];
}

function fineOf(t: Translate, { code, detail, logId }: Partial<Pick<TimedRow, 'code' | 'detail' | 'logId'>>): string {
  const parts = [
    [t('frame:fine.code'), code],
    [t('channel-check:message'), detail],
    ['log_id', logId],
  ] as const;
  return parts
    .filter(([, value]) => value !== undefined)
    .map(([word, value]) => `${word} ${value}`)
    .join(' · ');
}
