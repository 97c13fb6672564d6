/** An answer before it goes over the wire, so that a switch can still spoil it. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** What the request log shows: `ok`, an error code, or a word. */
  readonly code: string;
}

/** Display and Posting refusals: the envelope with a code (tiktok-api-v2-error-handling). */
export class ApiRefusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Token endpoint refusals: flat, and with a status that TikTok documents nowhere. */
export class OauthRefusal extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

export function success(data: unknown, logId: string): Reply {
  const error = { code: 'ok', message: '', log_id: logId };
  return json(200, data === undefined ? { error } : { data, error }, 'ok');
}

/** 401 bodies carry `"data":{}`, all others only the error (seen in TikTok's real answers). */
export function refusal(problem: ApiRefusal, logId: string): Reply {
  const error = { code: problem.code, message: problem.message, log_id: logId };
  return json(problem.status, problem.status === 401 ? { data: {}, error } : { error }, problem.code);
}

export function oauthRefusal(problem: OauthRefusal, status: number, logId: string): Reply {
  return json(status, { error: problem.code, error_description: problem.message, log_id: logId }, problem.code);
}

export function json(status: number, value: unknown, code: string): Reply {
  return { status, headers: JSON_TYPE, body: writeJson(value), code };
}

export function empty(status: number, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers, body: '', code: String(status) };
}

/** What the gateway says to any path it does not know, a missing trailing slash included. */
export function unknownPath(): Reply {
  return {
    status: 404,
    headers: { 'content-type': 'text/plain' },
    body: 'Unsupported path(Janus)',
    code: 'unsupported_path',
  };
}

const RAW = '\u0000raw:';

/** A number too long for JavaScript, written into the JSON digit by digit. */
export function rawNumber(digits: string): string {
  return `${RAW}${digits}`;
}

function writeJson(value: unknown): string {
  return JSON.stringify(value).replace(/"\\u0000raw:(\d+)"/g, '$1');
}
