import ejs from 'ejs';
import { join } from 'node:path';

const directory = join(import.meta.dirname, 'views');

/** Every template reads `it.x`; values are escaped. */
export async function renderView(name: string, values: Readonly<Record<string, unknown>>): Promise<string> {
  const options = { strict: true, localsName: 'it', root: directory, cache: true } as const;
  return await ejs.renderFile(join(directory, `${name}.ejs`), { ...values }, options);
}

/** The simulator's pages load nothing from elsewhere. Forms may lead anywhere: consent ends at the app's own address. */
export const pageHeaders = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const;
