import type { z } from 'zod';
import { parseExactJson } from './json-text.ts';
import type { Failure, Place, Reply } from './replies.ts';

/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  readonly text: string;
  readonly headerLogId?: string;
}

interface CallName {
  readonly place: Place;
  readonly call: string;
}

/** Display and posting calls: success if and only if `error.code` is ok, whatever the HTTP status (docs: api-v2-error-handling). */
export function readEnveloped<T>(name: CallName, answer: RawAnswer, data: z.ZodType<T>): Reply<T> {
  const body = asRecord(parseExactJson(answer.text));
  if (body === undefined) return withoutJson(name, answer);
  const error = asRecord(body['error']) ?? {};
  const logId = asText(error['log_id']) ?? asText(error['logid']) ?? answer.headerLogId;
  const code = asText(error['code']);
  if (code !== 'ok') {
    return failure(name, answer, {
      code: code ?? codeOfStatus(answer.status),
      detail: asText(error['message']),
      logId,
      isNameless: code === undefined,
    });
  }
  const parsed = data.safeParse(body['data'] ?? {});
  if (!parsed.success) return failure(name, answer, { code: 'unreadable_answer', logId });
  return { ok: true, value: parsed.data, ...(logId === undefined ? {} : { logId }) };
}

/** OAuth calls are flat, and a failure may come with HTTP 200: the body decides (docs: oauth-error-handling). */
export function readFlat<T>(name: CallName, answer: RawAnswer, data: z.ZodType<T>): Reply<T> {
  const body = asRecord(parseExactJson(answer.text));
  if (body === undefined) return withoutJson(name, answer);
  const logId = asText(body['log_id']) ?? answer.headerLogId;
  const failed = flatError(body);
  if (failed !== undefined) return failure(name, answer, { ...failed, logId });
  const parsed = data.safeParse(body);
  if (parsed.success) return { ok: true, value: parsed.data, ...(logId === undefined ? {} : { logId }) };
  const code = answer.status >= 400 ? codeOfStatus(answer.status) : 'unreadable_answer';
  return failure(name, answer, { code, logId });
}

/** Revoking succeeds with an empty body. */
export function readEmpty(name: CallName, answer: RawAnswer): Reply<null> {
  const body = asRecord(parseExactJson(answer.text));
  const failed = body === undefined ? undefined : flatError(body);
  if (body !== undefined && failed !== undefined) {
    return failure(name, answer, { ...failed, logId: asText(body['log_id']) ?? answer.headerLogId });
  }
  if (answer.status < 300) return { ok: true, value: null };
  return withoutJson(name, answer);
}

/** OAuth errors are flat; a gateway in front of it may answer in the other shape. */
function flatError(body: Record<string, unknown>): { code: string; detail: string | undefined } | undefined {
  const code = asText(body['error']);
  if (code !== undefined && code !== '') return { code, detail: asText(body['error_description']) };
  const nested = asRecord(body['error']);
  const nestedCode = nested === undefined ? undefined : asText(nested['code']);
  if (nested === undefined || nestedCode === undefined || nestedCode === 'ok') return undefined;
  return { code: nestedCode, detail: asText(nested['message']) };
}

function withoutJson(name: CallName, answer: RawAnswer): Failure {
  // The gateway's own words for a path without its slash.
  const isPath = answer.text.includes('Unsupported path');
  const code = isPath ? 'unsupported_path' : codeOfStatus(answer.status);
  return failure(name, answer, { code, logId: answer.headerLogId, isNameless: !isPath });
}

function codeOfStatus(status: number): string {
  if (status === 401) return 'access_token_invalid';
  // Not TikTok's: its own 404 names a code.
  if (status === 404) return 'gateway_404';
  if (status === 429) return 'rate_limit_exceeded';
  return status >= 500 ? 'server_unavailable' : 'unreadable_answer';
}

interface FailureParts {
  readonly code: string;
  readonly detail?: string | undefined;
  readonly logId?: string | undefined;
  readonly isNameless?: boolean;
}

function failure(name: CallName, answer: RawAnswer, parts: FailureParts): Failure {
  const detail = presentable(parts.detail ?? '');
  const logId = presentable(parts.logId ?? '');
  return {
    ok: false,
    ...name,
    code: presentable(parts.code) === '' ? 'unreadable_answer' : presentable(parts.code),
    status: answer.status,
    ...(detail === '' ? {} : { detail }),
    ...(logId === '' ? {} : { logId }),
    ...(parts.isNameless === true ? { isNameless: true as const } : {}),
  };
}

/**
 * TikTok's words may quote what was sent: tokens and addresses never get through, nor long runs that are no code of
 * TikTok's; markup and length are cut.
 */
export function presentable(words: string): string {
  return words
    .replace(/\b(?:act|rft|clt)\.[^\s"']+/gu, '…')
    .replace(/\bhttps?:\/\/[^\s"']+/giu, '…')
    .replace(/[^\s"'<>]{40,}/gu, (run) => (/^[a-z_.,;]+$/u.test(run) ? run : '…'))
    .replace(/<[^>]*>/gu, ' ')
    .replace(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim()
    .slice(0, 200);
}

function asRecord(value: unknown): Record<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.fromEntries(Object.entries(value));
}

function asText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : undefined;
}
