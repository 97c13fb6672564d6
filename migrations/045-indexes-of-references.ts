import type { Knex } from 'knex';
import { z } from 'zod';

// What deleting a team looks for in tables that grow with every post: without these SQLite reads all of them. MariaDB and
// MySQL keep an index of each reference by themselves.
const references = [
  ['attempts', 'credential_id'],
  ['notifications', 'team_id'],
] as const;

export async function up(knex: Knex): Promise<void> {
  if (!isSqlite(knex)) return;
  for (const [table, column] of references) await knex.schema.alterTable(table, (one) => one.index([column]));
}

export async function down(knex: Knex): Promise<void> {
  if (!isSqlite(knex)) return;
  for (const [table, column] of references) await knex.schema.alterTable(table, (one) => one.dropIndex([column]));
}

function isSqlite({ client }: Knex): boolean {
  return z.object({ dialect: z.string() }).parse(client).dialect === 'sqlite3';
}
