import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { demoApps } from '../../../plugins/tiktok/simulator/index.ts';
import { signature } from '../../../plugins/tiktok/simulator/webhooks.ts';
import { freePort } from '../../support/free-port.ts';
import type { Dice } from '../dice.ts';
import { lies, type Letter } from '../webhooks/post-office.ts';
import { post } from './post.ts';

/** What becomes of a webhook of TikTok's on its way; as often as it is named. */
const ways = ['lost', 'lost', 'lost', 'once', 'once', 'five times', 'late', 'late', 'forged', 'forged'] as const;

const latestMs = 2_000;
const secret = demoApps.live.client_secret;

/** The way of TikTok's webhooks to our web: loses them, repeats them, delays them, and lets strangers in. */
export class WebhookLine {
  readonly #webUrl: string;
  readonly #dice: Dice;
  readonly #server = createServer((request, response) => {
    // To TikTok each has arrived: what is lost or late is so behind its back.
    void this.#receive(request).finally(() => response.end());
  });
  readonly #late = new Set<NodeJS.Timeout>();
  #port = 0;
  /** How often which way was taken. */
  readonly taken = new Map<string, number>();

  constructor(webUrl: string, dice: Dice) {
    this.#webUrl = webUrl;
    this.#dice = dice;
  }

  async open(): Promise<string> {
    this.#port = await freePort();
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    return `http://127.0.0.1:${this.#port}/`;
  }

  async close(): Promise<void> {
    for (const timer of this.#late) clearTimeout(timer);
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #receive(request: IncomingMessage): Promise<void> {
    const letter = { signature: String(request.headers['tiktok-signature']), body: await text(request) };
    const way = ways[this.#dice.between(0, ways.length - 1)] ?? 'lost';
    this.taken.set(way, (this.taken.get(way) ?? 0) + 1);
    if (way === 'once') await this.#deliver(letter);
    if (way === 'five times') await Promise.all([1, 2, 3, 4, 5].map(() => this.#deliver(letter)));
    if (way === 'late') this.#deliverLate(letter);
    if (way === 'forged') for (const lie of lettersOf(letter)) await this.#deliver(lie);
  }

  #deliverLate(letter: Letter): void {
    const timer = setTimeout(
      () => {
        this.#late.delete(timer);
        void this.#deliver(letter);
      },
      this.#dice.between(0, latestMs),
    );
    this.#late.add(timer);
  }

  async #deliver({ signature: sign, body }: Letter): Promise<void> {
    const headers = { 'content-type': 'application/json', 'tiktok-signature': sign };
    // The web may be dead at this moment: then this one is lost as well.
    await post(this.#webUrl, body, headers).catch(() => undefined);
  }
}

/** Instead of what TikTok said: lies, unsigned, signed with another secret, and with the right one. */
function lettersOf({ body }: Letter): readonly Letter[] {
  const at = Date.now();
  return lies({ ...aboutOf(body), at }).flatMap((lie, n) => {
    const signs = ['', signature('no secret of ours', lie, at), signature(secret, lie, at)];
    return [{ body: lie, signature: signs[n % signs.length] ?? '' }];
  });
}

const aboutOf = (body: string): { readonly publishId: string; readonly openId: string } => {
  const publishId = /"publish_id\\":\\"([^"\\]+)/.exec(body)?.[1] ?? '';
  return { publishId, openId: /"user_openid":"([^"]+)"/.exec(body)?.[1] ?? '' };
};
