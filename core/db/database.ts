import type { Knex } from 'knex';

/** What runs SQL: the pool or one transaction of it. */
export type Sql = Knex;

/** Where the data is. */
export type DatabaseTarget =
  | { readonly kind: 'sqlite'; /** A path, or `:memory:`. */ readonly file: string }
  | {
      readonly kind: 'mysql';
      readonly host: string;
      readonly port: number;
      readonly user: string;
      readonly password: string;
      readonly database: string;
    };

export interface Database {
  readonly knex: Knex;
  readonly kind: 'sqlite' | 'mysql';
  /**
   * All or nothing: BEGIN IMMEDIATE on SQLite, READ COMMITTED on MySQL and MariaDB. The work runs again, from its
   * beginning, after a deadlock, a lock time-out or SQLITE_BUSY: it must change nothing but the database.
   * After any other error the outcome of the commit may be unknown (connection lost): read again before acting.
   */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
