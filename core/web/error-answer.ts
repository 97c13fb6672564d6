import ejs from 'ejs';
import type { ErrorRequestHandler, NextFunction, Request, Response } from 'express';
import { isHttpError } from 'http-errors';
import { RemoteError, type Log } from '#plugin-api';
import { ConflictError, InputError, NotAllowedError, NotFoundError } from '../errors.ts';
import type { Brand } from './brand.ts';
import type { Pages } from './pages.ts';
import { languageOf, type SiteLanguage } from './reader-language.ts';
import { requestIdOf } from './request-log.ts';
import type { Speech, Texts } from './texts.ts';
import { isDatabaseDown, isDiskFull } from './unavailable.ts';
import { discardBody } from './unread-body.ts';

interface ErrorParts {
  readonly pages: Pages;
  readonly texts: Pick<Texts, 'speech'>;
  readonly siteLanguage: SiteLanguage;
  readonly brand: Pick<Brand, 'name'>;
  readonly publicUrl: string;
  readonly log: Log;
}

/** An error as a person is told it. */
interface Told {
  readonly status: number;
  /** Standing words of their own; those of the status unless said. */
  readonly words?: 'disk';
  /** Our own words, where the error has them; otherwise those of the status. */
  readonly message?: string;
  readonly help?: string | undefined;
  readonly code?: string | undefined;
}

/** The one place where errors become answers: ours in their own words, the rest generic, with a number for the log. */
export function errorAnswer(parts: ErrorParts): ErrorRequestHandler {
  // eslint-disable-next-line max-params, @typescript-eslint/no-unused-vars -- express knows an error handler by its four parameters
  return async (error: unknown, req: Request, res: Response, _next: NextFunction) => {
    const speech = parts.texts.speech(languageOf(req, parts.siteLanguage));
    const told = inStandingWords(tell(error), speech);
    const requestId = requestIdOf(req);
    if (told.status >= 500) parts.log.error({ err: error, requestId, status: told.status }, 'A request failed');
    if (res.headersSent) {
      res.destroy();
      return;
    }
    discardBody(req);
    res.status(told.status).set('Cache-Control', 'no-store').vary('Accept');
    if (isHttpError(error)) res.set(error.headers ?? {});
    if (req.accepts(['html', 'json']) === 'json') {
      res.json({ error: { ...inWords(parts, speech, { ...told, problems: problemsOf(error) }), requestId } });
      return;
    }
    res.type('html').send(await drawError({ ...parts, speech }, req, told));
  };
}

/** Refusals that come before a room with its texts is asked; the errors' own words are for the log. */
const standingRefusals: ReadonlySet<string> = new Set(['foreign_origin', 'stale_form', 'admin_only', 'role_too_small']);

function inStandingWords(told: Told, { t }: Speech): Told {
  const { code } = told;
  if (code === undefined || !standingRefusals.has(code)) return told;
  return { ...told, message: t(`frame:refused.${code}.what`), help: t(`frame:refused.${code}.help`) };
}

function problemsOf(error: unknown): InputError['problems'] | undefined {
  return error instanceof InputError ? error.problems : undefined;
}

interface ToldScript extends Told {
  readonly problems: InputError['problems'] | undefined;
}

function inWords(parts: ErrorParts, speech: Speech, told: ToldScript) {
  const { say } = speech;
  return {
    message: told.message === undefined ? wordsOf(told, 'title', { ...parts, speech }) : say(told.message),
    help: told.help === undefined ? undefined : say(told.help),
    code: told.code,
    problems: told.problems?.map((problem) => ({ ...problem, message: say(problem.message) })),
  };
}

function tell(error: unknown): Told {
  // The words of a NotFoundError stay inside: a record of another team must look exactly like none.
  if (error instanceof NotFoundError) return { status: 404 };
  if (error instanceof NotAllowedError || error instanceof ConflictError || error instanceof InputError) {
    const { status, message, help, code } = error;
    return { status, message, help, code };
  }
  if (error instanceof RemoteError) {
    const { sentence, nextStep, code } = error.explanation;
    return { status: 502, message: sentence, help: nextStep, code };
  }
  if (isDiskFull(error)) return { status: 503, words: 'disk' };
  if (isDatabaseDown(error)) return { status: 503 };
  if (error instanceof URIError) return { status: 400 };
  if (isHttpError(error) && error.status < 500) return { status: error.status };
  return { status: 500 };
}

const wordedStatuses: ReadonlySet<number> = new Set([400, 403, 404, 409, 413, 421, 422, 429, 500, 503]);

/** The status whose standing words are told: a rare refusal reads as “could not be read”, a rare failure as “ours”. */
function wordedStatus({ status }: Told): number {
  if (wordedStatuses.has(status)) return status;
  return status < 500 ? 400 : 500;
}

interface DrawParts extends ErrorParts {
  readonly speech: Speech;
}

function wordsOf(told: Told, part: 'title' | 'text' | 'help', { speech, brand, publicUrl }: DrawParts): string {
  return speech.t(`frame:error.${told.words ?? wordedStatus(told)}.${part}`, { site: brand.name(), publicUrl });
}

async function drawError(parts: DrawParts, req: Request, told: Told): Promise<string> {
  const { speech, publicUrl, pages, log } = parts;
  const requestId = requestIdOf(req);
  // Drawing the page asks the database for nothing, but a page may try: without one there is the plain page.
  if (told.status === 503) return plainPage(parts, told, requestId);
  const { message, help, code } = told;
  const model = { title: wordsOf(told, 'title', parts), status: wordedStatus(told), message, help, code, publicUrl };
  try {
    const reader = { req, requestId, speech, offersLanguages: false, standing: null, team: null, isAdminPage: false };
    return await pages.render(reader, 'errors/error', { ...model, frame: 'plain' });
  } catch (error) {
    log.error({ err: error, requestId }, 'The error page itself could not be drawn');
    return plainPage(parts, told, requestId);
  }
}

/** Needs nothing that could be broken as well. */
function plainPage(parts: DrawParts, told: Told, requestId: string): string {
  const heading = ejs.escapeXML(wordsOf(told, 'title', parts));
  const text = ejs.escapeXML(`${wordsOf(told, 'text', parts)} ${wordsOf(told, 'help', parts)}`);
  return `<!doctype html>
<html lang="${parts.speech.language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${heading}</title></head>
<body><main><h1>${heading}</h1><p>${text}</p><p><small>request ${ejs.escapeXML(requestId)}</small></p></main></body></html>
`;
}
