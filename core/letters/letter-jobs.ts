import { createHash } from 'node:crypto';
import type { Sql } from '../db/database.ts';
import type { Clock } from '#plugin-api';
import { normalEmail } from '../auth/person-store.ts';
import type { JobQueue } from '../queue/job-queue.ts';

export const passwordLetterKind = 'mail-password-link';
export const invitationLetterKind = 'mail-invitation';

/** Letters that carry a one-time link: the link is made when the letter is, so that it stands nowhere in between. */
export interface Letters {
  /** Whether this installation sends mail. */
  readonly isOn: boolean;
  /** For whoever may have this address; whether anybody has is found out later, so that asking tells nothing. */
  askForPassword(email: string): Promise<void>;
  invite(invitationId: number, sql: Sql): Promise<void>;
}

export function createLetters(deps: {
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly isOn: boolean;
}): Letters {
  const { queue, clock, isOn } = deps;
  return {
    isOn,
    askForPassword: async (email) => {
      if (!isOn) return;
      const address = normalEmail(email).slice(0, 254);
      const key = createHash('sha256').update(address).digest('hex').slice(0, 40);
      const at = clock.now();
      await queue.enqueue({ kind: passwordLetterKind, key, payload: { email: address, at }, runAt: at });
    },
    invite: (invitationId, sql) => {
      const key = String(invitationId);
      return queue.enqueue({ kind: invitationLetterKind, key, payload: { id: invitationId }, runAt: clock.now() }, sql);
    },
  };
}
