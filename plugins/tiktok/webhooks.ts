import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Clock, PluginSettings, Translate, WebhookReceiver, WebhookVerdict } from '#plugin-api';
import { parseExactJson } from './api/json-text.ts';

/** TikTok repeats an event for 72 hours: developers.tiktok.com/doc/webhooks-overview */
const oldestMs = 72 * 60 * 60 * 1000;
/** Two machines' clocks never agree quite. */
const skewMs = 60 * 1000;
const largestBytes = 256 * 1024;

const event = z.object({
  client_key: z.string().min(1),
  event: z.string().min(1).max(100),
  create_time: z.union([z.string(), z.number()]).transform(String),
  user_openid: z.string().default(''),
  // JSON inside JSON: parsed a second time. developers.tiktok.com/doc/webhooks-events
  content: z.string().default(''),
});
type Event = z.infer<typeof event>;

const aboutPublish = z.object({ publish_id: z.string().min(1).max(120) });

interface Parts {
  readonly settings: Pick<PluginSettings, 'findByAppKey'>;
  readonly clock: Clock;
  readonly t: Translate;
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Believes an event only by the signature over its raw bytes; all it can ever do is bring a look or a question forward. */
export class TikTokWebhooks implements WebhookReceiver {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async receive(request: { readonly headers: Headers; readonly body: Buffer }): Promise<WebhookVerdict> {
    const signature = readSignature(request.headers);
    if (signature === undefined) return this.#refuse('noSignature');
    const age = this.#parts.clock.now() - signature.seconds * 1000;
    if (age > oldestMs || age < -skewMs) return this.#refuse('stale');
    const received = request.body.length > largestBytes ? undefined : readEvent(request.body);
    if (received === undefined) return this.#refuse('unreadable');
    const set = await this.#parts.settings.findByAppKey(received.client_key);
    if (set === undefined || set.appKey !== received.client_key) return this.#refuse('otherApp');
    if (!isSigned(request.body, signature, set.text('appSecret'))) return this.#refuse('wrongSignature');
    return {
      accepted: true,
      identity: identityOf(received),
      event: received.event,
      wake: referencesIn(received),
      confirm: removedIn(received),
    };
  }

  #refuse(code: string): WebhookVerdict {
    return { accepted: false, code, reason: this.#parts.t(`tiktok:webhook.${code}`) };
  }
}

interface Signature {
  /** As it was sent, for it is part of the signed message. */
  readonly timestamp: string;
  readonly seconds: number;
  readonly hex: string;
}

/** `TikTok-Signature: t=<unix seconds>,s=<hex>`, once and in this form: developers.tiktok.com/doc/webhooks-verification */
function readSignature(headers: Headers): Signature | undefined {
  const named = Object.entries(headers).filter(([name]) => name.toLowerCase() === 'tiktok-signature');
  const [only, ...others] = named.map(([, value]) => value);
  if (typeof only !== 'string' || others.length > 0) return undefined;
  const match = /^t=(\d{1,12}),s=([0-9a-f]{64})$/u.exec(only);
  const [, timestamp, hex] = match ?? [];
  if (timestamp === undefined || hex === undefined) return undefined;
  return { timestamp, seconds: Number(timestamp), hex };
}

function isSigned(body: Buffer, signature: Signature, secret: string): boolean {
  if (secret === '') return false;
  const expected = createHmac('sha256', secret).update(`${signature.timestamp}.`).update(body).digest();
  const given = Buffer.from(signature.hex, 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function readEvent(body: Buffer): Event | undefined {
  const parsed = event.safeParse(parseExactJson(body.toString('utf8')));
  return parsed.success ? parsed.data : undefined;
}

/** TikTok numbers no events; the same event comes with the same app, name, person, time and content. */
function identityOf(received: Event): string {
  const parts = [received.client_key, received.event, received.user_openid, received.create_time, received.content];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

function referencesIn(received: Event): readonly string[] {
  if (!received.event.startsWith('post.publish.')) return [];
  const content = aboutPublish.safeParse(parseExactJson(received.content));
  return content.success ? [content.data.publish_id] : [];
}

/** The person disconnected us, or the account is gone; the token is dead already: developers.tiktok.com/doc/webhooks-events */
function removedIn(received: Event): readonly { readonly appKey: string; readonly accountId: string }[] {
  if (received.event !== 'authorization.removed' || received.user_openid === '') return [];
  return [{ appKey: received.client_key, accountId: received.user_openid }];
}
