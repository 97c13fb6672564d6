/* eslint-disable @typescript-eslint/consistent-type-assertions --
   knex publishes no types for its dialects; this file is the one place that names them. */
import type { Knex } from 'knex';
import compiler from 'knex/lib/dialects/mysql/query/mysql-querycompiler.js';
import dialect from 'knex/lib/dialects/mysql2/index.js';
import driver from 'mysql2';
import { againAfterConflict } from './retry.ts';
import { withRowValues } from './row-values.ts';

interface TableCompiler {
  readonly single: { charset?: string; collate?: string; engine?: string };
}
interface ClientInternals {
  /** Set on the client that a transaction has for itself. */
  readonly transacting?: boolean;
  tableCompiler(...parts: unknown[]): TableCompiler;
  _query(connection: unknown, query: unknown): Promise<unknown>;
}
type ClientClass = new (config: Knex.Config) => Knex.Client & ClientInternals;

const MySql = dialect as ClientClass;
const Compiler = withRowValues(compiler);

/**
 * Says engine, character set and collation in every CREATE TABLE, whatever the server's or the database's defaults
 * are. knex would take them from the connection's settings, where a `charset` alone means utf8mb4_general_ci tables.
 */
class OwnClient extends MySql {
  /** Named here, so that a bundle has it where it is used and nowhere else. */
  _driver(): unknown {
    return driver;
  }

  override tableCompiler(...parts: unknown[]): TableCompiler {
    const compiler = super.tableCompiler(...parts);
    compiler.single.engine ??= 'InnoDB';
    compiler.single.charset ??= 'utf8mb4';
    compiler.single.collate ??= 'utf8mb4_unicode_ci';
    return compiler;
  }

  override queryCompiler(builder: unknown, formatter?: unknown): unknown {
    return new Compiler(this, builder, formatter);
  }

  /** A statement outside of a transaction is one by itself: after a deadlock nothing of it was kept, and it runs again. */
  override _query(connection: unknown, query: unknown): Promise<unknown> {
    if (this.transacting === true) return super._query(connection, query);
    return againAfterConflict(() => super._query(connection, query));
  }
}

export const MySqlClient = OwnClient as unknown as typeof Knex.Client;
