import type { Clock } from '#plugin-api';
import type { Database } from '../db/database.ts';
import { NotFoundError } from '../errors.ts';
import { type Notification, notificationKinds, type NotificationKind } from './notification.ts';
import {
  markRead,
  type PageOfNotifications,
  type Reader,
  replaceMailRefusals,
  selectMailRefusals,
  selectNotification,
  selectPage,
  type Turn,
} from './notification-store.ts';

/** What people are told, and how they want to be told. */
export interface NotificationService {
  page(reader: Reader, turn: Turn): Promise<PageOfNotifications>;
  /** Marks it as read. @throws NotFoundError for what this person was not told */
  open(reader: Reader, id: number): Promise<Notification>;
  /** Up to this one, so that what came meanwhile stays new. */
  markAllRead(reader: Reader, upTo: number): Promise<void>;
  readonly mailChoices: MailChoices;
}

/** By mail about every kind, until a person says otherwise. */
export interface MailChoices {
  /** Undefined where no mail is sent at all. */
  of(personId: number): Promise<ReadonlySet<NotificationKind> | undefined>;
  /** @param wanted names of kinds; others are passed over */
  save(personId: number, wanted: readonly string[]): Promise<void>;
}

interface NotificationParts {
  readonly db: Database;
  readonly clock: Clock;
  readonly config: { readonly mail?: unknown };
}

export function createNotificationService({ db, clock, config }: NotificationParts): NotificationService {
  return {
    page: (reader, turn) => selectPage(db.knex, reader, turn),
    async open(reader, id) {
      const found = await selectNotification(db.knex, reader, id);
      if (found === undefined) throw new NotFoundError('There is no such notification.');
      if (!found.isRead) await markRead(db.knex, reader, { id, at: clock.now() });
      return found;
    },
    markAllRead: (reader, upTo) => markRead(db.knex, reader, { upTo, at: clock.now() }),
    mailChoices: {
      async of(personId) {
        if (config.mail === undefined) return undefined;
        const refused = await selectMailRefusals(db.knex, personId);
        return new Set(notificationKinds.filter((kind) => !refused.has(kind)));
      },
      async save(personId, wanted) {
        const refused = notificationKinds.filter((kind) => !wanted.includes(kind));
        await db.transaction((sql) => replaceMailRefusals(sql, personId, refused));
      },
    },
  };
}
