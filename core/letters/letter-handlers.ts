import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Clock, Log } from '#plugin-api';
import { type LinkStore, resetMs } from '../auth/link-store.ts';
import type { Account, PersonStore } from '../auth/person-store.ts';
import { MailError } from '../mail/mail-error.ts';
import type { MailPages } from '../mail/mail-pages.ts';
import { type Mailer, oneLine } from '../mail/mailer.ts';
import type { ClaimedJob, JobHandler, JobOutcome } from '../queue/job-queue.ts';
import type { TeamStore } from '../teams/team-store.ts';
import type { SiteLanguage } from '../web/reader-language.ts';
import type { Texts } from '../web/texts.ts';
import { addressLetterKind, invitationLetterKind, movedLetterKind, passwordLetterKind } from './letter-jobs.ts';

interface LetterDeps {
  readonly people: PersonStore;
  readonly teamStore: TeamStore;
  readonly links: LinkStore;
  /** Undefined: this installation sends no mail. */
  readonly mailer: Mailer | undefined;
  readonly pages: MailPages;
  readonly texts: Pick<Texts, 'speech'>;
  readonly siteLanguage: SiteLanguage;
  readonly siteName: () => string;
  /** Links lead here and nowhere else, whatever a request said. */
  readonly publicUrl: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** What sends the letters that wait as jobs. A server that takes none is asked again, ever later. */
export function letterHandlers(deps: LetterDeps): readonly JobHandler[] {
  const rules = { budgetMs: 120_000, whenItKeepsFailing: 'gives-up' } as const;
  return [
    { kind: passwordLetterKind, ...rules, run: (job) => sendPasswordLink(deps, job) },
    { kind: invitationLetterKind, ...rules, run: (job) => sendInvitation(deps, job) },
    { kind: addressLetterKind, ...rules, run: (job) => sendAddressLink(deps, job) },
    { kind: movedLetterKind, ...rules, run: (job) => tellOldAddress(deps, job) },
  ];
}

const done: JobOutcome = { kind: 'done' };
const passwordPayload = z.object({ email: z.string(), at: z.int() });
const linkPayload = z.object({ id: z.int() });
const movedPayload = z.object({ userId: z.int(), from: z.string(), to: z.string() });

/** Only for whoever chose a password once: others have a first link, which must not become void by a stranger's asking. */
async function sendPasswordLink(deps: LetterDeps, job: ClaimedJob): Promise<JobOutcome> {
  const { email, at } = passwordPayload.parse(job.payload);
  // What was asked for so long ago is not waited for any more.
  if (deps.clock.now() - at > resetMs) return done;
  const account = await deps.people.findByEmail(email);
  if (account === undefined || account.disabledAt !== null || account.passwordHash === null) return done;
  const token = await deps.links.make({ purpose: 'password', userId: account.id, createdBy: null, lastsMs: resetMs });
  // Changed meanwhile: then either this finds it, or the change found the link and made it void.
  if ((await deps.people.findByEmail(email))?.id !== account.id) return done;
  return send(deps, job, { kind: 'password', account, token, values: {} });
}

async function sendInvitation(deps: LetterDeps, job: ClaimedJob): Promise<JobOutcome> {
  const { id } = linkPayload.parse(job.payload);
  const renewed = await deps.links.renewToken('invitation', id);
  if (!renewed?.place) return done;
  const { userId, place, token } = renewed;
  const [account, team] = await Promise.all([deps.people.find(userId), deps.teamStore.find(place.teamId)]);
  if (account === undefined || team === undefined || account.disabledAt !== null) return done;
  return send(deps, job, { kind: 'invitation', account, token, values: { team: oneLine(team.name) } });
}

async function sendAddressLink(deps: LetterDeps, job: ClaimedJob): Promise<JobOutcome> {
  const { id } = linkPayload.parse(job.payload);
  const renewed = await deps.links.renewToken('address', id);
  const account = renewed && (await deps.people.find(renewed.userId));
  if (!renewed?.email || account === undefined || account.disabledAt !== null) return done;
  const { email, token } = renewed;
  // Known only here: whoever asked must not learn from the answer, or from its time, who is here.
  if ((await deps.people.findByEmail(email)) !== undefined) return done;
  return send(deps, job, { kind: 'address', account: { ...account, email }, token, values: {} });
}

async function tellOldAddress(deps: LetterDeps, job: ClaimedJob): Promise<JobOutcome> {
  const { userId, from, to } = movedPayload.parse(job.payload);
  const account = await deps.people.find(userId);
  if (account === undefined) return done;
  const email = oneLine(to);
  return send(deps, job, { kind: 'moved', account: { ...account, email: from }, token: null, values: { email } });
}

interface Letter {
  readonly kind: 'password' | 'invitation' | 'address' | 'moved';
  /** Of whom, with the address that it goes to. */
  readonly account: Account;
  /** Null: it has no link. */
  readonly token: string | null;
  readonly values: Readonly<Record<string, string>>;
}

async function send(deps: LetterDeps, job: ClaimedJob, letter: Letter): Promise<JobOutcome> {
  const { mailer, log } = deps;
  if (mailer === undefined) return done;
  try {
    await mailer.send(compose(deps, job, letter), job.signal);
  } catch (error) {
    if (!(error instanceof MailError) || error.kind !== 'refused') throw error;
    log.warn({ err: error, user: letter.account.id }, 'a letter with a link was refused for good');
  }
  return done;
}

/** Where the links lead. */
const places = { password: 'password', invitation: 'invitations', address: 'account/email', moved: '' } as const;

function compose(deps: LetterDeps, job: ClaimedJob, { kind, account, token, values }: Letter) {
  const speech = deps.texts.speech(account.language ?? deps.siteLanguage());
  const site = deps.siteName();
  const words = { ...values, site, name: oneLine(account.name) };
  const subject = speech.t(`letters:${kind}.subject`, words);
  const url = token === null ? null : `${deps.publicUrl}/${places[kind]}/${token}`;
  const texts = deps.pages.render(
    'letter',
    { t: speech.t, lang: speech.language, subject, kind, words, url },
    speech.say,
  );
  const id = createHash('sha256')
    .update(`letter/${token ?? job.key}`)
    .digest('hex')
    .slice(0, 32);
  return { ...texts, subject, to: { name: account.name, address: account.email }, id };
}
