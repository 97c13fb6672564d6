import { createHash } from 'node:crypto';
import type { Request } from 'express';
import { Store, type SessionData } from 'express-session';
import { z } from 'zod';
import type { Clock } from '#plugin-api';
import { placesInOrder, placesOfPerson, standingColumns, standingOf } from '../auth/standing-store.ts';
import type { Database } from '../db/database.ts';
import { readRows } from '../db/read-rows.ts';
import { rowId, rowTime } from '../db/rows.ts';
import { keepStanding } from './session.ts';
import './session-data.ts';

const idleMs = 24 * 3_600_000;
const absoluteMs = 30 * 24 * 3_600_000;
/** A session that is used all the time is written once a minute, not at every request. */
const touchEveryMs = 60_000;

/** What the database keeps of a session's id: whoever reads the table cannot take a session over. */
export function hashSessionId(id: string): string {
  return createHash('sha256').update(id).digest('hex');
}

/** Who is signed in is asked along with the session: both are needed for every request, and of the same moment. */
const sessionWithStanding = `select s.data, s.seen_at, ${standingColumns}
  from sessions as s left join users as u on u.id = s.user_id ${placesOfPerson}
  where s.id_hash = ? and s.expires_at > ? ${placesInOrder}`;

type Done = (error?: unknown) => void;
type Found = (error: unknown, session?: SessionData | null) => void;

/**
 * Keeps sessions in the database: 24 hours without use and 30 days in all, whichever ends first.
 * A session that was ended stays ended: writing never brings a row back that was read and has gone since.
 */
export class SessionStore extends Store {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #standings = new WeakMap<SessionData, ReturnType<typeof standingOf>>();

  constructor(db: Database, clock: Clock) {
    super();
    this.#db = db;
    this.#clock = clock;
  }

  /** Called by express-session with what `get` has just answered. */
  override createSession(req: Request, data: SessionData) {
    const found = this.#standings.get(data);
    if (found !== undefined && !found.isDisabled) keepStanding(req, found.standing);
    return super.createSession(req, data);
  }

  override get(id: string, done: Found): void {
    settle(this.#read(id), done);
  }

  override set(id: string, session: SessionData, done: Done = ignore): void {
    settle(this.#write(id, session), done);
  }

  override touch(id: string, session: SessionData, done: Done = ignore): void {
    const isFresh = session.seenAt !== undefined && this.#clock.now() - session.seenAt < touchEveryMs;
    // At once: express-session would send the answer in two pieces if it had to wait.
    if (isFresh) done();
    else settle(this.#touch(id), done);
  }

  override destroy(id: string, done: Done = ignore): void {
    settle(
      this.#rows()
        .where({ id_hash: hashSessionId(id) })
        .delete(),
      done,
    );
  }

  /** Ends every session of a person, but for the one whose id's hash is given. @returns how many there were */
  async endAllOf(userId: number, exceptHash = ''): Promise<number> {
    return this.#rows().where({ user_id: userId }).whereNot({ id_hash: exceptHash }).delete();
  }

  async endOne(userId: number, idHash: string): Promise<void> {
    await this.#rows().where({ user_id: userId, id_hash: idHash }).delete();
  }

  /** Where a person is signed in, the one seen last first. */
  async listOf(userId: number) {
    const rows: unknown[] = await this.#rows()
      .where({ user_id: userId })
      .where('expires_at', '>', this.#clock.now())
      .orderBy([{ column: 'seen_at', order: 'desc' }, 'id_hash'])
      .select('id_hash', 'data', 'created_at', 'seen_at');
    return rows.map((row) => {
      const { id_hash: idHash, data, created_at: signedInAt, seen_at: seenAt } = listedRow.parse(row);
      const { agent = '', address = '' } = sessionData.parse(JSON.parse(data));
      return { idHash, agent, address, signedInAt, seenAt };
    });
  }

  /** Removes what has run out. */
  async forgetExpired(): Promise<void> {
    await this.#rows().where('expires_at', '<=', this.#clock.now()).delete();
  }

  #rows() {
    return this.#db.knex('sessions');
  }

  async #read(id: string): Promise<SessionData | null> {
    const rows = await readRows(this.#db.knex, sessionWithStanding, [hashSessionId(id), this.#clock.now()]);
    if (rows.length === 0) return null;
    const { data, seen_at: seenAt, person_id: personId } = sessionRow.parse(rows[0]);
    const session: SessionData = { ...sessionData.parse(JSON.parse(data)), seenAt };
    if (personId !== null) this.#standings.set(session, standingOf(rows));
    return session;
  }

  async #write(id: string, { seenAt, ...session }: SessionData): Promise<void> {
    const now = this.#clock.now();
    const idHash = hashSessionId(id);
    const values = { user_id: session.userId ?? null, data: JSON.stringify(session), seen_at: now };
    if (seenAt !== undefined) {
      await this.#rows().where({ id_hash: idHash }).update(values);
      return;
    }
    const createdAt = session.signedInAt ?? now;
    const times = { created_at: createdAt, expires_at: Math.min(now + idleMs, createdAt + absoluteMs) };
    await this.#rows()
      .insert({ id_hash: idHash, ...values, ...times })
      .onConflict('id_hash')
      .merge(['user_id', 'data', 'seen_at']);
  }

  async #touch(id: string): Promise<void> {
    const now = this.#clock.now();
    const rows = this.#rows().where({ id_hash: hashSessionId(id) });
    const row: unknown = await rows.clone().first('created_at');
    if (row === undefined) return;
    const end = createdRow.parse(row).created_at + absoluteMs;
    await rows.update({ seen_at: now, expires_at: Math.min(now + idleMs, end) });
  }
}

const sessionRow = z.compile(z.object({ data: z.string(), seen_at: rowTime, person_id: rowId.nullable() }));
const listedRow = z.object({ id_hash: z.string(), data: z.string(), created_at: rowTime, seen_at: rowTime });
const createdRow = z.object({ created_at: rowTime });
// Written by this class alone; express-session itself reads the cookie part.
const sessionData = z.custom<Omit<SessionData, 'seenAt'>>((value) => typeof value === 'object' && value !== null);

function settle<T>(work: PromiseLike<T>, done: (error: unknown, value?: T) => void): void {
  work.then(
    (value) => done(null, value),
    (error: unknown) => done(error),
  );
}

function ignore(): void {
  // express-session may call without a callback.
}
