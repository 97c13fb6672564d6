import type { Response } from 'supertest';
import type { TestBrowser } from './app.ts';

type Fields = Readonly<Record<string, string>>;

/** Opens the sign-in page as a browser does and sends the form. */
export async function signInByForm(browser: TestBrowser, fields: Fields): Promise<Response> {
  const page = await browser.get('/sign-in');
  return browser.post('/sign-in', { _csrf: tokenIn(page), ...fields });
}

/** The form token of a page. */
export function tokenIn({ text }: { readonly text: string }): string {
  return /name="_csrf" value="([^"]+)"/.exec(text)?.[1] ?? '';
}

/** `name=value` of a cookie that an answer sets; empty for none. */
export function cookieIn(answer: { readonly headers: Record<string, unknown> }, name: string): string {
  const cookies = [answer.headers['set-cookie']].flat().map(String);
  return cookies.find((cookie) => cookie.startsWith(`${name}=`))?.split(';')[0] ?? '';
}
