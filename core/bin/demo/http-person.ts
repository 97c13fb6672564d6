import axios, { type AxiosInstance, type AxiosResponse } from 'axios';
import { type HTMLElement, parse } from 'node-html-parser';

/** A page as it came: where it was at the end of all redirects, its status and its parsed markup. */
export interface Page {
  readonly address: string;
  readonly status: number;
  readonly root: HTMLElement;
}

interface Order {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly body?: URLSearchParams | FormData;
  readonly headers?: Readonly<Record<string, string>>;
}

type Changes = Readonly<Record<string, string | readonly string[]>>;

const redirects = new Set([301, 302, 303, 307, 308]);

/** Somebody with cookies who follows links and sends forms, without a browser: the same routes a browser uses. */
export class HttpPerson {
  readonly #base: string;
  readonly #http: AxiosInstance;
  /** By host and name: the panel and the network keep theirs apart. */
  readonly #cookies = new Map<string, string>();
  #token = '';

  constructor(base: string) {
    this.#base = base;
    this.#http = axios.create({
      maxRedirects: 0,
      proxy: false,
      responseType: 'text',
      validateStatus: () => true,
      maxBodyLength: Infinity,
      timeout: 600_000,
    });
  }

  get(address: string): Promise<Page> {
    return this.#follow({ method: 'GET', url: this.#absolute(address) });
  }

  /** Sends the page's form, or presses its button, that leads there: with all the form holds and what is changed. */
  async submit(page: Page, action: string, changes: Changes = {}): Promise<Page> {
    const leadsThere = (element: HTMLElement, attribute: string): boolean =>
      new URL(element.getAttribute(attribute) ?? '', page.address).pathname.endsWith(action);
    const button = page.root.querySelectorAll('button[formaction]').find((one) => leadsThere(one, 'formaction'));
    const forms = page.root.querySelectorAll('form[method=post]');
    const form = button?.closest('form') ?? forms.find((one) => leadsThere(one, 'action'));
    if (!form)
      throw new Error(`${page.address} has no form for ${action}: ${wordsOf(page.root.querySelector('main'))}`);
    const target = button?.getAttribute('formaction') ?? form.getAttribute('action') ?? '';
    return this.#follow({ method: 'POST', url: new URL(target, page.address).href, body: filledIn(form, changes) });
  }

  /** Sends one file with the token in the header, as the page's own script does. */
  upload(address: string, file: { readonly content: Blob; readonly name: string }): Promise<Page> {
    const body = new FormData();
    body.append('file', file.content, file.name);
    const headers = { 'x-csrf-token': this.#token, 'x-requested-with': 'castdeck-upload' };
    return this.#follow({ method: 'POST', url: this.#absolute(address), body, headers });
  }

  async #follow(first: Order): Promise<Page> {
    let order = first;
    for (let hops = 0; hops < 12; hops += 1) {
      const response = await this.#send(order);
      const location: unknown = response.headers['location'];
      if (!redirects.has(response.status) || typeof location !== 'string') return this.#arrive(order.url, response);
      order = { method: 'GET', url: new URL(location, order.url).href };
    }
    throw new Error(`Too many redirects, the last one to ${new URL(order.url).pathname}.`);
  }

  async #send(order: Order): Promise<AxiosResponse<string>> {
    const { host, origin } = new URL(order.url);
    const cookie = [...this.#cookies].filter(([key]) => key.startsWith(`${host} `)).map(([, pair]) => pair);
    const response = await this.#http.request<string>({
      method: order.method,
      url: order.url,
      ...(order.body === undefined ? {} : { data: order.body }),
      headers: { accept: 'text/html', cookie: cookie.join('; '), origin, ...order.headers },
    });
    for (const line of response.headers['set-cookie'] ?? []) {
      const pair = line.split(';', 1)[0] ?? '';
      this.#cookies.set(`${host} ${pair.split('=', 1)[0] ?? ''}`, pair);
    }
    return response;
  }

  #arrive(address: string, response: AxiosResponse<string>): Page {
    const root = parse(response.data);
    const token = root.querySelector('input[name=_csrf]')?.getAttribute('value');
    if (token !== undefined && new URL(address).origin === new URL(this.#base).origin) this.#token = token;
    return { address, status: response.status, root };
  }

  #absolute(address: string): string {
    return new URL(address, this.#base).href;
  }
}

/** Markup as a person reads it. */
export function wordsOf(element: HTMLElement | null): string {
  return (element?.structuredText ?? '').replace(/\s+/gu, ' ').trim();
}

/** What a browser would send for this form: its fields as they stand, then the changes. */
export function filledIn(form: HTMLElement, changes: Changes): URLSearchParams {
  const body = new URLSearchParams();
  for (const field of form.querySelectorAll('input, select, textarea')) {
    const name = field.getAttribute('name');
    const value = valueOf(field);
    if (name === undefined || name in changes || value === undefined || field.hasAttribute('disabled')) continue;
    body.append(name, value);
  }
  for (const [name, value] of Object.entries(changes)) for (const one of [value].flat()) body.append(name, one);
  return body;
}

function valueOf(field: HTMLElement): string | undefined {
  const options = field.querySelectorAll('option');
  const [first] = options;
  if (first) return (options.find((option) => option.hasAttribute('selected')) ?? first).getAttribute('value');
  if (field.tagName === 'TEXTAREA') return field.text;
  const isTick = ['checkbox', 'radio'].includes(field.getAttribute('type') ?? '');
  if (isTick && !field.hasAttribute('checked')) return undefined;
  return field.getAttribute('value') ?? (isTick ? 'on' : '');
}
