import { createHash } from 'node:crypto';
import type { Sql } from '../db/database.ts';
import type { Clock } from '#plugin-api';
import type { AttemptLimit, AttemptStore } from '../auth/attempt-store.ts';
import { normalEmail } from '../auth/person-store.ts';
import type { JobQueue } from '../queue/job-queue.ts';

export const passwordLetterKind = 'mail-password-link';
export const invitationLetterKind = 'mail-invitation';
export const addressLetterKind = 'mail-new-address';
export const movedLetterKind = 'mail-address-changed';

/** Letters that carry a one-time link: the link is made when the letter is, so that it stands nowhere in between. */
export interface Letters {
  /** Whether this installation sends mail. */
  readonly isOn: boolean;
  /**
   * For whoever may have this address; whether anybody has is found out later, so that asking tells nothing.
   * @param from the address of the network that asks @returns milliseconds to wait, 0 when it was taken
   */
  askForPassword(email: string, from: string): Promise<number>;
  invite(invitationId: number, sql: Sql): Promise<void>;
  /** To the new address of a link of that purpose. */
  proveAddress(linkId: number, sql: Sql): Promise<void>;
  /** That another one counts now; nothing where no mail is sent. */
  tellOldAddress(change: MovedAddress, sql: Sql): Promise<void>;
}

const windowMs = 3_600_000;
const perAddress: AttemptLimit = { what: 'forgotten/address', most: 20, windowMs };
/** Nobody's mailbox is filled by strangers; beyond it nothing is sent, and nothing said. */
const perEmail: AttemptLimit = { what: 'forgotten/email', most: 3, windowMs };

/** A changed e-mail address. */
interface MovedAddress {
  readonly userId: number;
  readonly from: string;
  readonly to: string;
}

export function createLetters(deps: {
  readonly queue: JobQueue;
  readonly attempts: Pick<AttemptStore, 'take'>;
  readonly clock: Clock;
  readonly isOn: boolean;
}): Letters {
  const { queue, attempts, clock, isOn } = deps;
  return {
    isOn,
    askForPassword: async (email, from) => {
      const ms = await attempts.take(perAddress, from);
      const address = normalEmail(email).slice(0, 254);
      const isEnough = (await attempts.take(perEmail, address)) > 0;
      if (ms > 0 || isEnough || address === '' || !isOn) return ms;
      const key = createHash('sha256').update(address).digest('hex').slice(0, 40);
      const at = clock.now();
      await queue.enqueue({ kind: passwordLetterKind, key, payload: { email: address, at }, runAt: at });
      return 0;
    },
    proveAddress: (linkId, sql) => {
      const job = { kind: addressLetterKind, key: String(linkId), payload: { id: linkId }, runAt: clock.now() };
      return queue.enqueue(job, sql);
    },
    tellOldAddress: async ({ userId, from, to }, sql) => {
      if (!isOn) return;
      const at = clock.now();
      const job = { kind: movedLetterKind, key: `${userId}/${at}`, payload: { userId, from, to }, runAt: at };
      await queue.enqueue(job, sql);
    },
    invite: (invitationId, sql) => {
      const key = String(invitationId);
      return queue.enqueue({ kind: invitationLetterKind, key, payload: { id: invitationId }, runAt: clock.now() }, sql);
    },
  };
}
