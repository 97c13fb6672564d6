import type { Translate } from '#plugin-api';
import { withoutMarks } from '../language/deferred-text.ts';
import type { Fetched } from './fetch-as-stranger.ts';
import type { VerificationCheck } from './verification.ts';

interface Asked {
  readonly t: Translate;
  readonly url: string;
}

const shownBytes = 120;

/** What a network would make of the answer, and what is wrong with it in words. */
export function checkAnswer({ t, url }: Asked, fetched: Fetched, expected: Buffer): VerificationCheck {
  const { hostname } = new URL(url);
  const say = (reason: string, values: Readonly<Record<string, string | number>> = {}) =>
    t(`verification:wrong.${reason}`, { url, host: hostname, ...values });
  if (fetched.kind === 'failed') {
    return { isGood: false, isEqual: false, problems: [say(reasonOf(fetched.code), { code: fetched.code })] };
  }
  const { status, type, bytes } = fetched;
  const isEqual = status === 200 && bytes.equals(expected);
  const problems = answerProblems(say, fetched, isEqual);
  return {
    ...{ status, type, isEqual, problems, beginning: beginningOf(bytes) },
    isGood: problems.length === 0,
  };
}

type Say = (reason: string, values?: Readonly<Record<string, string | number>>) => string;
type Answer = Extract<Fetched, { readonly kind: 'answer' }>;

function answerProblems(say: Say, { status, type, location, bytes }: Answer, isEqual: boolean): readonly string[] {
  if (status >= 300 && status < 400) return [say('redirect', { status, location: withoutMarks(location ?? '–') })];
  if (status !== 200) return [say(status === 404 ? 'absent' : 'status', { status })];
  const problems = isEqual ? [] : [say(isPage(bytes) ? 'page' : 'other', { count: bytes.length })];
  return type.toLowerCase().startsWith('text/plain')
    ? problems
    : [...problems, say('type', { type: type === '' ? '–' : type })];
}

function isPage(bytes: Buffer): boolean {
  return /^\s*<(?:!doctype|html)/i.test(bytes.subarray(0, 200).toString('latin1'));
}

/** On one line and readable, whatever came. */
function beginningOf(bytes: Buffer): string {
  const text = withoutMarks(bytes.subarray(0, shownBytes).toString('utf8')).replaceAll(/[\p{Cc}\p{Cf}\p{Co}]+/gu, ' ');
  return bytes.length > shownBytes ? `${text}…` : text;
}

const reasons = new Map([
  ['ENOTFOUND', 'noName'],
  ['EAI_AGAIN', 'noName'],
  ['ECONNREFUSED', 'refused'],
  ['ETIMEDOUT', 'late'],
  ['PRIVATE', 'private'],
]);

function reasonOf(code: string): string {
  return reasons.get(code) ?? (/CERT|SSL|TLS|SIGNED|ISSUER/.test(code) ? 'certificate' : 'failed');
}
