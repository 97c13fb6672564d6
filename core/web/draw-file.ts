import ejs from 'ejs';

/** Makes words of a text that may hold deferred ones, in the language of one reader. */
export type Say = (text: string) => string;

interface Drawing {
  readonly model: Readonly<Record<string, unknown>>;
  readonly say: Say;
  /** With one of the two `escape` below: whatever a template writes goes through it. */
  readonly options: ejs.Options;
}

/** A compiled template keeps the `escape` it was compiled with, so the reader of what is being drawn stands here. */
let sayNow: Say = (text) => text;

/** Deferred texts become words, then all of it is escaped. */
export function escapeSaid(value: unknown): string {
  return ejs.escapeXML(typeof value === 'string' ? sayNow(value) : value);
}

export function saidAsItStands(value: unknown): string {
  return typeof value === 'string' ? sayNow(value) : '';
}

/** Draws a template for one reader. Drawing never waits for anything, so no other template is drawn in between. */
export function drawFile(file: string, { model, say, options }: Drawing): Promise<string> {
  const before = sayNow;
  sayNow = say;
  try {
    return ejs.renderFile(file, { ...model }, options);
  } finally {
    sayNow = before;
  }
}
