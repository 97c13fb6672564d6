import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Reply } from './replies.ts';
import type { World } from './world.ts';

/** What a request turned out to be about; ends in the request log. Never a token. */
interface Noted {
  account?: string;
  client_key?: string;
  publish_id?: string;
  note?: string;
}

/** One request to the API side. `body` is empty for uploads: their bytes are in `stream`. */
export interface Call {
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly stream: IncomingMessage;
  readonly logId: string;
  readonly noted: Noted;
}

export type Endpoint = (world: World, call: Call) => Reply | Promise<Reply>;

export function isForm(headers: IncomingHttpHeaders): boolean {
  return (headers['content-type'] ?? '').toLowerCase().startsWith('application/x-www-form-urlencoded');
}
