import { createReadStream, statSync } from 'node:fs';
import http from 'node:http';
import { pipeline } from 'node:stream/promises';
import { parse } from 'node-html-parser';

/** Somebody signed in, for requests that are measured: nothing is parsed or kept on the way. */
export interface Visitor {
  readonly cookie: string;
  readonly token: string;
}

export async function signIn(url: string, page: string, who: { email: string; password: string }): Promise<Visitor> {
  const first = await fetch(`${url}/sign-in`);
  const before = cookieOf(first);
  const body = new URLSearchParams({ _csrf: await tokenOn(first), email: who.email, password: who.password });
  const signedIn = await fetch(`${url}/sign-in`, {
    ...{ method: 'POST', body, redirect: 'manual' },
    headers: { cookie: before, origin: url },
  });
  const cookie = cookieOf(signedIn);
  if (signedIn.status !== 303 || cookie === '') throw new Error(`Signing in answered ${signedIn.status}.`);
  return { cookie, token: await tokenOn(await fetch(url + page, { headers: { cookie } })) };
}

/** What a browser keeps of an answer, as it sends it the next time. */
export function cookieOf(answer: Response): string {
  return answer.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0] ?? '')
    .join('; ');
}

async function tokenOn(answer: Response): Promise<string> {
  return (
    parse(await answer.text())
      .querySelector('input[name=_csrf]')
      ?.getAttribute('value') ?? ''
  );
}

export interface Sending {
  readonly url: string;
  readonly file: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Goes away after so many bytes. */
  readonly abortAfter?: number;
}

/** Sends a file as multipart, streamed. @returns the status; 0 when it went away */
export async function sendFile({ url, file, headers = {}, abortAfter = Infinity }: Sending): Promise<number> {
  const border = 'castdeck-bench-border';
  const head = `--${border}\r\ncontent-disposition: form-data; name="file"; filename="video.mp4"\r\ncontent-type: video/mp4\r\n\r\n`;
  const tail = `\r\n--${border}--\r\n`;
  const length = Buffer.byteLength(head) + statSync(file).size + Buffer.byteLength(tail);
  const request = http.request(url, {
    method: 'POST',
    headers: { 'content-type': `multipart/form-data; boundary=${border}`, 'content-length': length, ...headers },
  });
  const status = new Promise<number>((resolve, reject) => {
    request.once('response', (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0));
    });
    request.once('error', (error) => (abortAfter === Infinity ? reject(error) : resolve(0)));
  });
  request.write(head);
  const end = abortAfter === Infinity ? {} : { end: abortAfter };
  await pipeline(createReadStream(file, { highWaterMark: 1_048_576, ...end }), request, { end: false });
  if (abortAfter === Infinity) request.end(tail);
  else request.destroy();
  return status;
}

/** Asks for a page so many times a second. @returns how long each answer took, ms */
export async function visit(page: {
  url: string;
  cookie: string;
  perSecond: number;
  seconds: number;
}): Promise<number[]> {
  const taken: number[] = [];
  const agent = new http.Agent({ keepAlive: true, maxSockets: 50 });
  const all: Promise<void>[] = [];
  const count = page.perSecond * page.seconds;
  const begun = performance.now();
  for (let n = 0; n < count; n += 1) {
    const dueIn = begun + (n * 1_000) / page.perSecond - performance.now();
    if (dueIn > 1) await new Promise((resolve) => setTimeout(resolve, dueIn));
    const at = performance.now();
    all.push(get(page.url, { agent, cookie: page.cookie }).then(() => void taken.push(performance.now() - at)));
  }
  await Promise.all(all);
  agent.destroy();
  return taken;
}

function get(url: string, { agent, cookie }: { agent: http.Agent; cookie: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    http
      .get(url, { agent, headers: { cookie } }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`${url} answered ${response.statusCode ?? 0}.`));
        response.resume().once('end', resolve);
      })
      .once('error', reject);
  });
}
