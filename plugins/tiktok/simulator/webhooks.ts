import { createHmac } from 'node:crypto';
import type { Agenda } from './agenda.ts';
import type { App } from './apps.ts';
import type { SimulatorClock } from './clock.ts';
import type { SwitchBoard } from './switches.ts';

export interface WebhookEvent {
  readonly app: App;
  readonly event: string;
  readonly content: Readonly<Record<string, unknown>>;
  readonly openId?: string;
  /** Seconds as a rule; TikTok's own test ping has milliseconds. */
  readonly createTime?: number;
}

/** One event on its way; attempts as the control page shows them. Times are UTC ms. */
export interface WebhookDelivery {
  readonly event: string;
  readonly client_key: string;
  readonly body: string;
  readonly attempts: { readonly at: number; readonly status: number | string }[];
  isDelivered: boolean;
}

interface Parts {
  readonly clock: SimulatorClock;
  readonly agenda: Agenda;
  readonly switches: SwitchBoard;
}

const GIVE_UP_MS = 72 * 3_600_000;
const HELD_BACK_MS = 500;
const ANSWER_WITHIN_MS = 10_000;

/** Signed events to each app's webhook address, again until 200 or for 72 hours (webhooks-overview, webhooks-verification). */
export class Webhooks {
  readonly #parts: Parts;
  #deliveries: WebhookDelivery[] = [];
  #heldBack: (() => void) | undefined;
  #isClosed = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get deliveries(): readonly WebhookDelivery[] {
    return this.#deliveries;
  }

  clear(): void {
    this.#deliveries = [];
    this.#heldBack = undefined;
  }

  close(): void {
    this.#isClosed = true;
  }

  send(event: WebhookEvent): void {
    const { switches } = this.#parts;
    if (event.app.webhook_url === null || switches.values.webhooks === 'off') return;
    const delivery = this.#write(event);
    const copies = switches.values.webhook_duplicates ? 2 : 1;
    const go = (): void => {
      for (let n = 0; n < copies; n += 1) void this.#attempt(event.app, delivery);
    };
    if (switches.values.webhook_out_of_order) this.#swapWithNext(go);
    else go();
  }

  /** Keeps one event back until the next has gone, or for half a second when none follows. */
  #swapWithNext(go: () => void): void {
    const before = this.#heldBack;
    this.#heldBack = undefined;
    if (before !== undefined) {
      go();
      before();
      return;
    }
    this.#heldBack = go;
    this.#parts.agenda.at(this.#parts.clock.now() + HELD_BACK_MS, () => {
      if (this.#heldBack !== go) return;
      this.#heldBack = undefined;
      go();
    });
  }

  #write(event: WebhookEvent): WebhookDelivery {
    const body = JSON.stringify({
      client_key: event.app.client_key,
      event: event.event,
      create_time: event.createTime ?? Math.floor(this.#parts.clock.now() / 1000),
      ...(event.openId === undefined ? {} : { user_openid: event.openId }),
      content: JSON.stringify(event.content),
    });
    const delivery = { event: event.event, client_key: event.app.client_key, body, attempts: [], isDelivered: false };
    this.#deliveries.push(delivery);
    return delivery;
  }

  async #attempt(app: App, delivery: WebhookDelivery): Promise<void> {
    if (this.#isClosed || app.webhook_url === null) return;
    const at = this.#parts.clock.now();
    const status = await post(app.webhook_url, delivery.body, signature(app.client_secret, delivery.body, at));
    delivery.attempts.push({ at, status });
    if (status === 200) delivery.isDelivered = true;
    else this.#retry(app, delivery);
  }

  #retry(app: App, delivery: WebhookDelivery): void {
    const first = delivery.attempts[0]?.at ?? 0;
    const wait = Math.min(1000 * 2 ** (delivery.attempts.length - 1), 3_600_000);
    const next = this.#parts.clock.now() + wait;
    if (next - first <= GIVE_UP_MS) this.#parts.agenda.at(next, () => void this.#attempt(app, delivery));
  }
}

/** `t=<unix seconds>,s=<hex HMAC-SHA256 of "t.body" under the app's secret>` */
export function signature(secret: string, body: string, at: number): string {
  const t = Math.floor(at / 1000);
  return `t=${t},s=${createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')}`;
}

/** The answer's status, or why there was none. */
async function post(url: string, body: string, sign: string): Promise<number | string> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'tiktok-signature': sign },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    await answer.body?.cancel();
    return answer.status;
  } catch (problem) {
    // An unreachable receiver is an ordinary outcome here: it is recorded and tried again.
    return problem instanceof Error ? problem.message : 'no answer';
  }
}
