import express, { type Request, type RequestHandler, type Response } from 'express';
import createError from 'http-errors';
import { withoutMarks } from '../language/deferred-text.ts';
import { toError } from './to-error.ts';
import type { BodyLimit } from './route.ts';

type Fields = Readonly<Record<string, string>>;
type Parsed = Readonly<Record<string, unknown>>;

// Compressed bodies are refused: a megabyte of them may be ten gigabytes of form.
const form = { extended: false, inflate: false } as const;
const readers: Readonly<Record<BodyLimit, RequestHandler | undefined>> = {
  none: undefined,
  form: express.urlencoded({ ...form, limit: '100kb', parameterLimit: 50 }),
  composer: express.urlencoded({ ...form, limit: '1mb', parameterLimit: 1_000 }),
  raw: express.raw({ type: () => true, limit: '256kb', inflate: false }),
  stream: undefined,
};

const formMs = 30_000;

/** Reads the body up to its limit. @throws HttpError 408 after half a minute, 413 above it, 415 for a compressed one, 400 for a broken one */
export function readBody(req: Request, res: Response, limit: BodyLimit): Promise<void> {
  const read = readers[limit];
  if (read === undefined) return Promise.resolve();
  return new Promise((resolve, reject) => {
    // A client that sends a form letter by letter is let go.
    const patience = setTimeout(() => reject(createError(408)), formMs);
    void read(req, res, (error?: unknown) => {
      clearTimeout(patience);
      if (error === undefined) resolve();
      else reject(toError(error));
    });
  });
}

/** @throws HttpError 415 when a form came in a format that was not read: its fields would silently be missing */
export function refuseUnreadBody(req: Request, limit: BodyLimit): void {
  if (limit !== 'form' && limit !== 'composer') return;
  const isSent = req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0;
  if (isSent && req.body === undefined) throw createError(415);
}

/** The bytes of a `raw` body. */
export function rawBody(req: Request): Buffer {
  const body: unknown = req.body;
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

/** What Node's simple parser read: a value, or several of a repeated field. Everything else is no field. */
export function parsedFields(value: unknown): Parsed {
  return typeof value === 'object' && value !== null && !Buffer.isBuffer(value) ? { ...value } : {};
}

/** One text per field, the last of a repeated one, without the names that reach into objects. */
export function flatFields(parsed: Parsed): Fields {
  const fields: Record<string, string> = {};
  for (const name of Object.keys(parsed)) {
    if (dangerousNames.has(name)) continue;
    const last = everyValue(parsed, name).at(-1);
    if (last !== undefined) fields[name] = last;
  }
  return Object.assign(emptyFields(), fields);
}

/** Every text of a field, none when it was not sent. */
export function everyValue(parsed: Parsed, name: string): readonly string[] {
  if (!Object.hasOwn(parsed, name)) return [];
  const value = parsed[name];
  const entries: readonly unknown[] = Array.isArray(value) ? value : [value];
  return entries.filter((entry) => typeof entry === 'string').map(withoutMarks);
}

const dangerousNames: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Without a prototype: `body.toString` is what was typed, or nothing. */
function emptyFields(): Record<string, string> {
  const empty: unknown = Object.create(null);
  return isFields(empty) ? empty : {};
}

function isFields(value: unknown): value is Record<string, string> {
  return typeof value === 'object' && value !== null;
}
