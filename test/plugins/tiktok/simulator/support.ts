import { createHash } from 'node:crypto';
import { z } from 'zod';
import { startSimulator, demoApps, type Simulator } from '../../../../plugins/tiktok/simulator/index.ts';

/** The simulator on a clock that stands still, and a client that speaks plain HTTP to it. */
export interface Stage {
  readonly simulator: Simulator;
  readonly url: string;
  close(): Promise<void>;
}

export const START = Date.UTC(2026, 10, 20, 9, 0, 0);
export const CALLBACK = 'http://localhost:3000/app/tiktok/profile';
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const CHALLENGE = '13d31e961a1ad8ec2f16b10c4c982e0876a878ad6df144566ee1894acb70f9c3';
export const ALL_SCOPES = 'user.info.basic,user.info.profile,user.info.stats,video.list,video.publish';

export async function openStage(): Promise<Stage> {
  const simulator = await startSimulator({ now: () => START });
  simulator.control.setSwitches({
    processing_seconds: 0,
    post_id_delay_seconds: 0,
    media_check: 'none',
    oauth_error_status: '200',
  });
  return { simulator, url: simulator.url, close: () => simulator.close() };
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Json;
}

/** A loosely read JSON answer: missing parts are undefined. */
interface Json {
  readonly error?: unknown;
  readonly [name: string]: unknown;
}

const looseJson = z.record(z.string(), z.unknown());

export async function ask(address: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(address, { redirect: 'manual', ...init });
  const text = await response.text();
  let json: Json = {};
  try {
    json = looseJson.parse(JSON.parse(text));
  } catch {
    // Not every answer is JSON; then only text is of use.
  }
  return { status: response.status, headers: response.headers, text, json };
}

export function postForm(address: string, form: Readonly<Record<string, string>>): Promise<Answer> {
  return ask(address, { method: 'POST', body: new URLSearchParams(form) });
}

export function postJson(address: string, body: unknown, token?: string): Promise<Answer> {
  const headers = {
    'content-type': 'application/json; charset=UTF-8',
    ...(token ? { authorization: `Bearer ${token}` } : {}),
  };
  return ask(address, { method: 'POST', headers, body: JSON.stringify(body) });
}

export function code(answer: Answer): unknown {
  return z.object({ error: z.object({ code: z.string() }) }).parse(answer.json).error.code;
}

export function data(answer: Answer): Readonly<Record<string, unknown>> {
  return looseJson.parse(answer.json['data']);
}

export interface AuthorizeOptions {
  readonly app?: { readonly client_key: string; readonly client_secret: string };
  readonly account?: string;
  readonly scope?: string;
  readonly extra?: Readonly<Record<string, string>>;
  readonly without?: readonly string[];
}

export function authorizeParameters({
  app = demoApps.live,
  scope = ALL_SCOPES,
  extra = {},
  without = [],
}: AuthorizeOptions): Record<string, string> {
  const all = {
    client_key: app.client_key,
    response_type: 'code',
    scope,
    redirect_uri: CALLBACK,
    state: 'st4te',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    disable_auto_auth: '1',
    ...extra,
  };
  return Object.fromEntries(Object.entries(all).filter(([name]) => !without.includes(name)));
}

/** Presses Authorize and returns where the browser was sent. */
export async function consent(stage: Stage, options: AuthorizeOptions = {}): Promise<URL> {
  const form = { ...authorizeParameters(options), account: options.account ?? 'hazelandrye', decision: 'authorize' };
  const answer = await postForm(`${stage.url}/v2/auth/authorize/`, form);
  return new URL(answer.headers.get('location') ?? '', stage.url);
}

export async function exchange(
  stage: Stage,
  form: Readonly<Record<string, string>>,
  app: AuthorizeOptions['app'] = demoApps.live,
): Promise<Answer> {
  return await postForm(`${stage.url}/v2/oauth/token/`, {
    client_key: app.client_key,
    client_secret: app.client_secret,
    ...form,
  });
}

export function codeForm(back: URL): Record<string, string> {
  return {
    grant_type: 'authorization_code',
    code: back.searchParams.get('code') ?? '',
    redirect_uri: CALLBACK,
    code_verifier: VERIFIER,
  };
}

const tokens = z.object({
  open_id: z.string(),
  scope: z.string(),
  access_token: z.string(),
  expires_in: z.number(),
  refresh_token: z.string(),
  refresh_expires_in: z.number(),
  token_type: z.literal('Bearer'),
});
export type Tokens = z.infer<typeof tokens>;

export async function connect(stage: Stage, options: AuthorizeOptions = {}): Promise<Tokens> {
  const back = await consent(stage, options);
  return readTokens(await exchange(stage, codeForm(back), options.app));
}

export function readTokens(answer: Answer): Tokens {
  return tokens.parse(answer.json);
}

export function publicPost(title = 'Cardamom buns, start to finish #fika'): Record<string, unknown> {
  return {
    title,
    privacy_level: 'PUBLIC_TO_EVERYONE',
    disable_comment: true,
    disable_duet: true,
    disable_stitch: true,
  };
}

export function wholeFile(size: number): Record<string, unknown> {
  return { source: 'FILE_UPLOAD', video_size: size, chunk_size: size, total_chunk_count: 1 };
}

export function initVideo(stage: Stage, token: string, body: { post?: unknown; source?: unknown }): Promise<Answer> {
  const source = body.source ?? wholeFile(1000);
  return postJson(
    `${stage.url}/v2/post/publish/video/init/`,
    { post_info: body.post ?? publicPost(), source_info: source },
    token,
  );
}

const started = z.object({ publish_id: z.string(), upload_url: z.string() });

export async function begin(
  stage: Stage,
  token: string,
  body: { post?: unknown; source?: unknown } = {},
): Promise<{ publishId: string; uploadUrl: string }> {
  const { publish_id: publishId, upload_url: uploadUrl } = started.parse(data(await initVideo(stage, token, body)));
  return { publishId, uploadUrl };
}

export interface Put {
  /** First, last, total. */
  readonly range: readonly [number, number, number];
  readonly headers?: Readonly<Record<string, string>>;
}

export function put(
  uploadUrl: string,
  bytes: Buffer,
  { range: [first, last, total], headers = {} }: Put,
): Promise<Answer> {
  const range = `bytes ${first}-${last}/${total}`;
  const all = { 'content-type': 'video/mp4', 'content-range': range, ...headers };
  return ask(uploadUrl, { method: 'PUT', body: new Uint8Array(bytes), headers: all });
}

export function putWhole(uploadUrl: string, bytes: Buffer): Promise<Answer> {
  return put(uploadUrl, bytes, { range: [0, bytes.length - 1, bytes.length] });
}

export async function status(stage: Stage, token: string, publishId: string): Promise<Answer> {
  return await postJson(`${stage.url}/v2/post/publish/status/fetch/`, { publish_id: publishId }, token);
}

export function someBytes(length: number): Buffer {
  return Buffer.alloc(length, 'rye and butter ');
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function userInfo(stage: Stage, token: string, fields: string): Promise<Answer> {
  return ask(`${stage.url}/v2/user/info/?fields=${fields}`, { headers: { authorization: `Bearer ${token}` } });
}

export function creatorInfo(stage: Stage, token: string): Promise<Answer> {
  return postJson(`${stage.url}/v2/post/publish/creator_info/query/`, {}, token);
}
