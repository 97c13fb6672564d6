import type { Log } from '#plugin-api';
import type { Database } from '../db/database.ts';
import { MailError } from '../mail/mail-error.ts';
import type { Mailer } from '../mail/mailer.ts';
import type { RecurringWork } from '../queue/recurring.ts';
import type { Timings } from '../timings.ts';
import {
  type ClaimedMail,
  claimMail,
  endMail,
  hasDueMail,
  type Mailed,
  putOffMail,
  selectMailed,
} from './mail-store.ts';
import { composeMail, isStillFor, type MailWords } from './notification-mail.ts';

interface MailDeps extends MailWords {
  readonly db: Database;
  readonly timings: Timings;
  readonly log: Log;
  /** Undefined: this installation sends no mail. */
  readonly mailer: Mailer | undefined;
}

/** Mails in one run; then other work has its turn. */
const mostAtOnce = 50;

/**
 * Sends what waits in the outbox. A mail is sent once, with one exception that no sender can close: where the process
 * dies after the server took the mail and before that is stored, it is sent again, with the same Message-ID.
 */
export function sendingMails(deps: MailDeps): RecurringWork {
  return {
    kind: 'send-mails',
    everyMs: deps.timings.mailLookMs,
    isDue: () => (deps.mailer === undefined ? Promise.resolve(false) : hasDueMail(deps.db.knex, deps.clock.now())),
    async run(signal) {
      const { mailer } = deps;
      if (mailer === undefined) return false;
      for (let sent = 0; sent < mostAtOnce && !signal.aborted; sent += 1) {
        const claim = await claimNext(deps);
        if (claim === undefined) return false;
        await handle(deps, mailer, { claim, signal });
      }
      return true;
    },
  };
}

function claimNext({ db, clock, timings }: MailDeps): Promise<ClaimedMail | undefined> {
  const now = clock.now();
  return claimMail(db, { now, until: now + timings.mailLeaseMs, givenUpBefore: now - timings.mailGiveUpMs });
}

interface Sending {
  readonly claim: ClaimedMail;
  readonly signal: AbortSignal;
}

/** @throws MailError where the server takes nobody's mail: the job waits and says so */
async function handle(deps: MailDeps, mailer: Mailer, { claim, signal }: Sending): Promise<void> {
  const { db } = deps;
  const mailed = await selectMailed(db.knex, claim);
  const [first, ...more] = mailed.filter(isStillFor);
  const { reader } = claim;
  await endMail(db.knex, { reader, ids: idsOf(mailed.filter((one) => !isStillFor(one))) }, 'skipped');
  if (first === undefined) return;
  const going: ClaimedMail = { ...claim, ids: idsOf([first, ...more]) };
  try {
    await mailer.send(composeMail(deps, claim, [first, ...more]), signal);
  } catch (error) {
    return afterError(deps, going, error);
  }
  await endMail(db.knex, going, 'sent');
}

async function afterError(deps: MailDeps, claim: ClaimedMail, error: unknown): Promise<void> {
  const { db, clock, timings, log } = deps;
  const about = { user: claim.reader.userId, team: claim.reader.teamId, notifications: claim.ids.length };
  if (error instanceof MailError && error.kind === 'refused') {
    await endMail(db.knex, claim, 'given-up');
    log.warn({ err: error, ...about }, 'a mail was refused for good; what it tells stands in the panel');
    return;
  }
  const waitMs = Math.min(timings.mailAgainCapMs, timings.mailAgainMs * 2 ** Math.min(claim.tries, 20));
  await putOffMail(db.knex, claim, clock.now() + waitMs);
  if (!(error instanceof MailError) || error.kind === 'server') throw error;
  log.warn({ err: error, ...about }, 'a mail was put off and is sent again later');
}

function idsOf(mailed: readonly Mailed[]): readonly number[] {
  return mailed.map(({ notification }) => notification.id);
}
