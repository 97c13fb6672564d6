import type { Readable } from 'node:stream';
import type { z } from 'zod';
import type { PluginHttp } from '#plugin-api';
import type { Chunk } from './chunks.ts';
import { TrustedHosts } from './hosts.ts';
import { readEmpty, readEnveloped, readFlat } from './read-answer.ts';
import * as replies from './replies.ts';
import type { Failure, Place, Reply } from './replies.ts';
import { Transport } from './transport.ts';
import type { CallLimits, NoAnswer, TextRequest } from './transport.ts';

/** Which app speaks: TikTok's client_key and client_secret. */
export interface AppKeys {
  readonly key: string;
  readonly secret: string;
}

export interface CodeGrant {
  readonly code: string;
  readonly redirectUri: string;
  readonly codeVerifier: string;
}

/** docs: content-posting-api-reference-direct-post, `post_info` */
export interface PostInfo {
  readonly title: string;
  readonly privacy_level: string;
  readonly disable_comment: boolean;
  readonly disable_duet: boolean;
  readonly disable_stitch: boolean;
  readonly brand_content_toggle: boolean;
  readonly brand_organic_toggle: boolean;
  readonly is_aigc: boolean;
  /** Milliseconds into the video; without it TikTok takes the first frame. */
  readonly video_cover_timestamp_ms?: number;
}

export interface SourceInfo {
  readonly video_size: number;
  readonly chunk_size: number;
  readonly total_chunk_count: number;
}

/** docs: content-posting-api-reference-photo-post, direct post. There is no duet, stitch or upload of photos. */
export interface PhotoPost {
  readonly info: {
    readonly title: string;
    readonly description: string;
    readonly privacy_level: string;
    readonly disable_comment: boolean;
    readonly auto_add_music: boolean;
    readonly brand_content_toggle: boolean;
    readonly brand_organic_toggle: boolean;
  };
  readonly source: { readonly photo_images: readonly string[]; readonly photo_cover_index: number };
}

export interface ChunkUpload {
  readonly uploadUrl: string;
  readonly type: string;
  readonly chunk: Chunk;
  readonly size: number;
  readonly body: Readable;
}

/** A person waits for a page; a worker may wait longer. Milliseconds. */
export const pageTimeoutMs = 5_000;
export const workerTimeoutMs = 20_000;

/** A chunk may take half a minute and one second for every 64 kB. */
export function putTimeoutMs(bytes: number): number {
  return 30_000 + Math.ceil(bytes / 64);
}

/**
 * One method per endpoint, each with its time-out, none with a policy: a call is made once and its answer returned
 * as a value, never thrown. Paths keep TikTok's trailing slash; without it the gateway answers 404.
 */
export class TikTokClient {
  readonly hosts: TrustedHosts;
  readonly #transport: Transport;
  readonly #api: string;

  constructor(http: PluginHttp, apiUrl: string) {
    this.hosts = new TrustedHosts(apiUrl);
    this.#transport = new Transport(http);
    this.#api = apiUrl.replace(/\/+$/u, '');
  }

  /** What a call would come to while TikTok does not answer; undefined where it would be sent. */
  heldBack(call: string): Failure | undefined {
    const retryAt = this.#transport.heldUntil(this.#api);
    return retryAt === undefined ? undefined : unanswered({ place: 'api', call }, { noAnswer: 'not_sent', retryAt });
  }

  /**
   * TikTok's time, to the second, as its answers carry it (RFC 9110, Date): UTC milliseconds. Asked without a token, so
   * what is answered is a refusal.
   */
  async serverTime(limits: CallLimits): Promise<number | undefined> {
    return this.#transport.date(`${this.#api}/v2/user/info/?fields=open_id`, limits);
  }

  /** docs: oauth-user-access-token-management. The code goes in decoded; the form encodes it once. */
  async token(app: AppKeys, grant: CodeGrant, limits: CallLimits): Promise<Reply<replies.TokenReply>> {
    const fields = {
      ...appFields(app),
      grant_type: 'authorization_code',
      code: grant.code,
      redirect_uri: grant.redirectUri,
      code_verifier: grant.codeVerifier,
    };
    return this.#form({ place: 'token', path: 'token', fields }, replies.tokenReply, limits);
  }

  async refresh(app: AppKeys, refreshToken: string, limits: CallLimits): Promise<Reply<replies.TokenReply>> {
    const fields = { ...appFields(app), grant_type: 'refresh_token', refresh_token: refreshToken };
    return this.#form({ place: 'refresh', path: 'token', fields }, replies.tokenReply, limits);
  }

  /** docs: client-access-token-management. Needs no user; shows whether key and secret belong together. */
  async clientCredentials(app: AppKeys, limits: CallLimits): Promise<Reply<unknown>> {
    const fields = { ...appFields(app), grant_type: 'client_credentials' };
    return this.#form({ place: 'token', path: 'token', fields }, replies.clientTokenReply, limits);
  }

  async revoke(app: AppKeys, accessToken: string, limits: CallLimits): Promise<Reply<null>> {
    const name = { place: 'token', call: 'oauth/revoke' } as const;
    const answer = await this.#transport.send(
      this.#formRequest('revoke', { ...appFields(app), token: accessToken }),
      limits,
    );
    return 'noAnswer' in answer ? unanswered(name, answer) : readEmpty(name, answer);
  }

  async userInfo(token: string, fields: readonly string[], limits: CallLimits): Promise<Reply<replies.UserInfo>> {
    const request = { call: 'user/info', token, query: fields.join(','), method: 'GET' } as const;
    const reply = await this.#read(request, replies.userInfoReply, limits);
    return reply.ok ? { ...reply, value: reply.value.user } : reply;
  }

  async videoList(
    token: string,
    page: { readonly fields: readonly string[]; readonly cursor: number | null; readonly maxCount: number },
    limits: CallLimits,
  ): Promise<Reply<replies.VideoList>> {
    const body = { max_count: page.maxCount, ...(page.cursor === null ? {} : { cursor: page.cursor }) };
    const request = { call: 'video/list', token, query: page.fields.join(','), body } as const;
    return this.#read(request, replies.videoListReply, limits);
  }

  /** At most 20 ids; those of other people are simply missing from the answer. */
  async videoQuery(
    token: string,
    wanted: { readonly fields: readonly string[]; readonly ids: readonly string[] },
    limits: CallLimits,
  ): Promise<Reply<readonly replies.VideoObject[]>> {
    const body = { filters: { video_ids: wanted.ids } };
    const request = { call: 'video/query', token, query: wanted.fields.join(','), body } as const;
    const reply = await this.#read(request, replies.videoQueryReply, limits);
    return reply.ok ? { ...reply, value: reply.value.videos } : reply;
  }

  async creatorInfo(token: string, limits: CallLimits): Promise<Reply<replies.CreatorInfo>> {
    return this.#call({ call: 'post/publish/creator_info/query', token, body: {} }, replies.creatorInfoReply, limits);
  }

  /** Begins a direct post by file upload. docs: content-posting-api-reference-direct-post */
  async videoInit(
    token: string,
    post: { readonly info: PostInfo; readonly source: SourceInfo },
    limits: CallLimits,
  ): Promise<Reply<replies.VideoInit>> {
    const body = { post_info: post.info, source_info: { source: 'FILE_UPLOAD', ...post.source } };
    return this.#call({ call: 'post/publish/video/init', token, body }, replies.videoInitReply, limits);
  }

  /** Posts photos: nothing that follows could take it back. docs: content-posting-api-reference-photo-post */
  async contentInit(token: string, post: PhotoPost, limits: CallLimits): Promise<Reply<replies.ContentInit>> {
    const body = {
      media_type: 'PHOTO',
      post_mode: 'DIRECT_POST',
      post_info: post.info,
      source_info: { source: 'PULL_FROM_URL', ...post.source },
    };
    return this.#call({ call: 'post/publish/content/init', token, body }, replies.contentInitReply, limits);
  }

  async status(token: string, publishId: string, limits: CallLimits): Promise<Reply<replies.PublishStatus>> {
    const body = { publish_id: publishId };
    return this.#call({ call: 'post/publish/status/fetch', token, body }, replies.statusReply, limits);
  }

  /** The address is the secret: no token goes along. docs: content-posting-api-media-transfer-guide */
  async putChunk(upload: ChunkUpload, limits: CallLimits): Promise<Reply<replies.PutReply>> {
    const { chunk } = upload;
    const headers = {
      'content-type': upload.type,
      'content-length': String(chunk.bytes),
      'content-range': `bytes ${chunk.first}-${chunk.last}/${upload.size}`,
    };
    const answer = await this.#transport.put({ url: upload.uploadUrl, headers, body: upload.body }, limits);
    if ('noAnswer' in answer) return unanswered({ place: 'upload', call: 'PUT' }, answer);
    const value = { status: answer.status, reported: reportedBytes(answer.contentRange) };
    return { ok: true, value, ...(answer.logId === undefined ? {} : { logId: answer.logId }) };
  }

  /** Pictures only from TikTok's own hosts: their links expire, so the bytes are copied. */
  async picture(url: string, limits: CallLimits): Promise<Uint8Array | undefined> {
    return this.hosts.allowsPicture(url) ? this.#transport.picture(url, limits) : undefined;
  }

  async #form<T>(
    request: { place: Place; path: string; fields: Readonly<Record<string, string>> },
    data: z.ZodType<T>,
    limits: CallLimits,
  ): Promise<Reply<T>> {
    const name = { place: request.place, call: `oauth/${request.path}` };
    const answer = await this.#transport.send(this.#formRequest(request.path, request.fields), limits);
    return 'noAnswer' in answer ? unanswered(name, answer) : readFlat(name, answer, data);
  }

  #formRequest(path: string, fields: Readonly<Record<string, string>>): TextRequest {
    return {
      method: 'POST',
      url: `${this.#api}/v2/oauth/${path}/`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(fields).toString(),
    };
  }

  async #call<T>(request: ApiRequest, data: z.ZodType<T>, limits: CallLimits): Promise<Reply<T>> {
    const name = { place: 'api', call: request.call } as const;
    const answer = await this.#transport.send(this.#apiRequest(request), limits);
    return 'noAnswer' in answer ? unanswered(name, answer) : readEnveloped(name, answer, data);
  }

  /** Only for what changes nothing: it may be sent twice. */
  async #read<T>(request: ApiRequest, data: z.ZodType<T>, limits: CallLimits): Promise<Reply<T>> {
    const name = { place: 'api', call: request.call } as const;
    const answer = await this.#transport.read(this.#apiRequest(request), limits);
    return 'noAnswer' in answer ? unanswered(name, answer) : readEnveloped(name, answer, data);
  }

  #apiRequest(request: ApiRequest): TextRequest {
    const query = request.query === undefined ? '' : `?fields=${encodeURIComponent(request.query)}`;
    return {
      method: request.method ?? 'POST',
      url: `${this.#api}/v2/${request.call}/${query}`,
      headers: {
        authorization: `Bearer ${request.token}`,
        ...(request.method === 'GET' ? {} : { 'content-type': 'application/json; charset=UTF-8' }),
      },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    };
  }
}

interface ApiRequest {
  readonly call: string;
  readonly token: string;
  readonly method?: 'GET';
  readonly query?: string;
  readonly body?: object;
}

function appFields(app: AppKeys): { client_key: string; client_secret: string } {
  return { client_key: app.key, client_secret: app.secret };
}

function unanswered(name: { place: Place; call: string }, answer: NoAnswer): Failure {
  const retryAt = answer.noAnswer === 'not_sent' ? { retryAt: answer.retryAt } : {};
  return { ok: false, ...name, code: answer.noAnswer, status: null, ...retryAt };
}

function reportedBytes(contentRange: string | undefined): number | null {
  const match = /^bytes\s+0-(\d{1,15})\//u.exec(contentRange ?? '');
  return match?.[1] === undefined ? null : Number(match[1]);
}
