import { type ClientRequest, request } from 'node:http';
import { readFile } from 'node:fs/promises';
import type { AxiosRequestConfig } from 'axios';

/** A piece that is on its way for longer than its sender waits: half of it is there, the rest comes later. */
export class LatePiece {
  #sent: { readonly line: ClientRequest; readonly rest: Buffer } | undefined;

  get isOnItsWay(): boolean {
    return this.#sent !== undefined;
  }

  /** Instead of the request of a whole file. Its sender hears nothing. */
  async begin({ url = '', headers = {} }: AxiosRequestConfig, file: string): Promise<void> {
    const bytes = await readFile(file);
    const half = Math.floor(bytes.length / 2);
    const named = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
    const line = request(url, { method: 'PUT', headers: Object.fromEntries(named) });
    line.write(bytes.subarray(0, half));
    this.#sent = { line, rest: bytes.subarray(half) };
  }

  /** The rest arrives. @returns TikTok's status */
  async land(): Promise<number> {
    if (this.#sent === undefined) return 0;
    const { line, rest } = this.#sent;
    this.#sent = undefined;
    const answered = new Promise<number>((resolve, reject) => {
      line.once('response', (answer) => resolve(answer.resume().statusCode ?? 0)).once('error', reject);
    });
    line.end(rest);
    return answered;
  }
}
