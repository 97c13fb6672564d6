import { randomBytes } from 'node:crypto';
import { parse } from 'node-html-parser';
import { filledIn } from '../../../core/bin/demo/http-person.ts';

/** What the member's browser saw after sending the form: an answer, or none. */
export type Sight = { readonly saw: 'scheduled'; readonly postId: number } | { readonly saw: 'nothing certain' };

/** A composer's form as it would be sent: the same each time it is sent again. */
export type Form = URLSearchParams;

/** A member at the composer who sees every single answer, a redirect whose page never came included. */
export class ComposerDesk {
  readonly #origin: string;
  readonly #posts: string;
  readonly #cookies = new Map<string, string>();
  #filled = new URLSearchParams();

  constructor(origin: string, teamId: number) {
    this.#origin = origin;
    this.#posts = `/team/${teamId}/posts`;
  }

  async signIn(who: { readonly email: string; readonly password: string }): Promise<void> {
    const page = parse(await (await this.#send('/sign-in')).text());
    const csrf = page.querySelector('input[name=_csrf]')?.getAttribute('value') ?? '';
    const { status } = await this.#send('/sign-in', new URLSearchParams({ _csrf: csrf, ...who }));
    if (status !== 303) throw new Error(`Signing in was answered with ${status}.`);
  }

  /** Chooses channels and their audience, a file and a time: everything but the form's own number. */
  async fillIn(order: { readonly channels: readonly string[]; readonly media: string }): Promise<void> {
    const chosen = { ...order, caption: 'Lucia buns from Friday on' };
    const blank = await this.#form(`${this.#posts}/new`);
    const page = await this.#send(this.#posts, filledIn(blank, { ...chosen, act: 'options' }));
    const audience = order.channels.map((id) => [`options.${id}.privacy`, 'PUBLIC_TO_EVERYONE'] as const);
    const due = { when: 'schedule', date: '2031-12-13', time: '07:00', act: 'schedule' };
    this.#filled = filledIn(formOf(await page.text()), { ...chosen, ...Object.fromEntries(audience), ...due });
  }

  /** The filled form as a new post. */
  newForm(): Form {
    const form = new URLSearchParams(this.#filled);
    form.set('nonce', randomBytes(16).toString('hex'));
    return form;
  }

  async submit(form: Form): Promise<Sight> {
    const answer = await this.#send(this.#posts, form).catch(() => undefined);
    const postId = /\/posts\/(\d+)$/.exec(answer?.headers.get('location') ?? '')?.[1];
    if (answer?.status === 303 && postId !== undefined) return { saw: 'scheduled', postId: Number(postId) };
    if (answer !== undefined && answer.status < 500) {
      throw new Error(`The form was answered with ${answer.status}: ${problemsOf(await answer.text())}`);
    }
    return { saw: 'nothing certain' };
  }

  async #form(address: string) {
    return formOf(await (await this.#send(address)).text());
  }

  async #send(address: string, body?: URLSearchParams): Promise<Response> {
    const answer = await fetch(`${this.#origin}${address}`, {
      method: body === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      headers: {
        cookie: [...this.#cookies.values()].join('; '),
        origin: this.#origin,
        accept: 'text/html',
        connection: 'close',
      },
      ...(body === undefined ? {} : { body }),
    });
    for (const line of answer.headers.getSetCookie()) {
      const pair = line.split(';', 1)[0] ?? '';
      this.#cookies.set(pair.split('=', 1)[0] ?? '', pair);
    }
    return answer;
  }
}

function formOf(markup: string) {
  const form = parse(markup).querySelector('form[data-composer]');
  if (form === null) throw new Error(`Here is no composer: ${parse(markup).structuredText}`);
  return form;
}

function problemsOf(markup: string): string {
  const found = parse(markup).querySelectorAll('[role=alert], [aria-invalid=true], .hint');
  return found.map((one) => one.structuredText).join(' ');
}
