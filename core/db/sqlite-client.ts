/* eslint-disable @typescript-eslint/consistent-type-assertions --
   knex publishes no types for its dialects; this file is the one place that names them. */
import type { Knex } from 'knex';
import dialect from 'knex/lib/dialects/better-sqlite3/index.js';
import transaction from 'knex/lib/dialects/sqlite3/execution/sqlite-transaction.js';
import compiler from 'knex/lib/dialects/sqlite3/query/sqlite-querycompiler.js';
import { withRowValues } from './row-values.ts';

interface TransactionInternals {
  readonly trxClient: { query(connection: unknown, sql: string): Promise<unknown> };
}
type TransactionClass = new (...parts: readonly unknown[]) => TransactionInternals;
type ClientClass = new (config: Knex.Config) => Knex.Client;

const SqliteTransaction = transaction as TransactionClass;
const BetterSqlite = dialect as ClientClass;
const Compiler = withRowValues(compiler);

/**
 * Takes the write lock at its beginning. knex opens deferred transactions: two that read and then write at the same
 * time cannot both go on, and SQLite refuses one of them without waiting.
 */
class ImmediateTransaction extends SqliteTransaction {
  begin(connection: unknown): Promise<unknown> {
    return this.trxClient.query(connection, 'BEGIN IMMEDIATE;');
  }
}

class ImmediateClient extends BetterSqlite {
  // knex hands over (container, config, outer transaction); nested ones become savepoints in the base class.
  override transaction(container: unknown, config: unknown, outer: unknown): Knex.Transaction {
    return new ImmediateTransaction(this, container, config, outer) as unknown as Knex.Transaction;
  }

  override queryCompiler(builder: unknown, formatter?: unknown): unknown {
    return new Compiler(this, builder, formatter);
  }
}

export const SqliteClient = ImmediateClient as unknown as typeof Knex.Client;
