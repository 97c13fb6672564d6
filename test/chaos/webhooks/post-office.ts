import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { demoApps } from '../../../plugins/tiktok/simulator/index.ts';
import { signature } from '../../../plugins/tiktok/simulator/webhooks.ts';
import type { Dice } from '../dice.ts';

/** What may become of TikTok's webhooks on their way. */
export const treatments = ['none', 'all', 'five times', 'shuffled', 'forged', 'replayed after ten minutes'] as const;
export type Treatment = (typeof treatments)[number];

export interface Letter {
  readonly signature: string;
  readonly body: string;
}

interface OfficeParts {
  /** The product's address for webhooks. */
  readonly panelUrl: string;
  readonly now: () => number;
  readonly dice: Dice;
  /** Which treatment the webhooks of this person get. */
  readonly treatmentOf: (openId: string) => Treatment;
}

const tenMinutes = 10 * 60_000;
const { client_key: appKey, client_secret: secret } = demoApps.live;

/** Where TikTok sends its webhooks: passes them on, or not, or more than once, or lies. */
export class PostOffice {
  readonly #parts: OfficeParts;
  readonly #server = createServer((request, response) => {
    void this.#receive(request).finally(() => response.end());
  });
  #waiting: { readonly at: number; readonly letter: Letter; readonly treatment: Treatment }[] = [];
  #url = '';
  /** How often the product answered so, by treatment. */
  readonly answers = new Map<Treatment, Map<number, number>>();

  constructor(parts: OfficeParts) {
    this.#parts = parts;
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The post office has no address.');
    this.#url = `http://127.0.0.1:${address.port}/`;
  }

  get url(): string {
    return this.#url;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** When something is to be delivered next. */
  get nextAt(): number | undefined {
    return this.#waiting.length === 0 ? undefined : Math.min(...this.#waiting.map(({ at }) => at));
  }

  async deliverDue(): Promise<void> {
    const now = this.#parts.now();
    const due = this.#waiting.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
    this.#waiting = this.#waiting.filter(({ at }) => at > now);
    for (const { letter, treatment } of due) await this.#deliver(letter, treatment);
  }

  /** A video has arrived at TikTok: somebody who knows its publish id tells us of ends it has not come to. */
  async lieAbout(publishId: string, openId: string): Promise<void> {
    if (this.#parts.treatmentOf(openId) !== 'forged') return;
    const now = this.#parts.now();
    for (const body of lies({ publishId, openId, at: now })) {
      const letters = [
        { body, signature: '' },
        { body, signature: signature('no secret of ours', body, now) },
        { body, signature: signature(secret, `${body} `, now) },
        // Worse than forged: somebody has the secret.
        { body, signature: signature(secret, body, now) },
      ];
      for (const letter of letters) await this.#deliver(letter, 'forged');
    }
  }

  async #receive(request: IncomingMessage): Promise<void> {
    const letter = { signature: String(request.headers['tiktok-signature']), body: await text(request) };
    const treatment = this.#parts.treatmentOf(addressed.parse(JSON.parse(letter.body)).user_openid);
    const later = (wait: number): void => void this.#waiting.push({ at: this.#parts.now() + wait, letter, treatment });
    switch (treatment) {
      case 'none':
      case 'forged':
        return;
      case 'all':
        return this.#deliver(letter, treatment);
      case 'five times':
        await Promise.all([1, 2, 3, 4, 5].map(() => this.#deliver(letter, treatment)));
        return;
      case 'shuffled':
        later(this.#parts.dice.between(0, tenMinutes));
        return;
      case 'replayed after ten minutes':
        later(tenMinutes);
        return this.#deliver(letter, treatment);
    }
  }

  async #deliver({ signature: sign, body }: Letter, treatment: Treatment): Promise<void> {
    const headers = { 'content-type': 'application/json', ...(sign === '' ? {} : { 'tiktok-signature': sign }) };
    const answer = await fetch(this.#parts.panelUrl, { method: 'POST', headers, body });
    await answer.body?.cancel();
    const counts = this.answers.get(treatment) ?? new Map<number, number>();
    this.answers.set(treatment, counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1));
  }
}

const addressed = z.object({ user_openid: z.string() });

export function lies({ publishId, openId, at }: { publishId: string; openId: string; at: number }): readonly string[] {
  const publish = { publish_id: publishId, publish_type: 'DIRECT_POST' };
  const told = [
    { event: 'post.publish.complete', content: publish },
    { event: 'post.publish.publicly_available', content: { ...publish, post_id: '7000000000000000001' } },
    { event: 'post.publish.failed', content: { ...publish, reason: 'file_format_check_failed' } },
    { event: 'authorization.removed', content: { reason: 1 } },
  ];
  return told.map(({ event, content }) =>
    JSON.stringify({
      ...{ client_key: appKey, event, create_time: Math.floor(at / 1000), user_openid: openId },
      content: JSON.stringify(content),
    }),
  );
}
