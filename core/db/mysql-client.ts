/* eslint-disable @typescript-eslint/consistent-type-assertions --
   knex publishes no types for its dialects; this file is the one place that names them. */
import { createRequire } from 'node:module';
import type { Knex } from 'knex';

interface TableCompiler {
  readonly single: { charset?: string; collate?: string; engine?: string };
}
type ClientClass = new (config: Knex.Config) => Knex.Client & { tableCompiler(...parts: unknown[]): TableCompiler };

const require = createRequire(import.meta.url);
const MySql = require('knex/lib/dialects/mysql2') as ClientClass;

/**
 * Says engine, character set and collation in every CREATE TABLE, whatever the server's or the database's defaults
 * are. knex would take them from the connection's settings, where a `charset` alone means utf8mb4_general_ci tables.
 */
class ExplicitClient extends MySql {
  override tableCompiler(...parts: unknown[]): TableCompiler {
    const compiler = super.tableCompiler(...parts);
    compiler.single.engine ??= 'InnoDB';
    compiler.single.charset ??= 'utf8mb4';
    compiler.single.collate ??= 'utf8mb4_unicode_ci';
    return compiler;
  }
}

export const MySqlClient = ExplicitClient as unknown as typeof Knex.Client;
