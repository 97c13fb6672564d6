import type { Knex } from 'knex';

/** The column kinds that every migration uses, the same on SQLite and on MySQL/MariaDB. */
export const column = {
  /** UTC milliseconds. */
  time: (table: Knex.CreateTableBuilder, name: string) => table.bigInteger(name),

  /** Ids of networks, keys and anything compared byte for byte: the default collation would fold case. */
  ascii: (table: Knex.CreateTableBuilder, name: string, length: number) =>
    table.string(name, length).collate('ascii_bin'),

  /** SHA-256 as 64 hexadecimal digits. */
  hash: (table: Knex.CreateTableBuilder, name: string) => table.string(name, 64).collate('ascii_bin'),

  /** JSON as text: MariaDB would parse it, SQLite not; the stores parse it in one place. */
  json: (table: Knex.CreateTableBuilder, name: string) => table.text(name, 'mediumtext'),

  reference: (table: Knex.CreateTableBuilder, name: string, to: string) =>
    table.bigInteger(name).unsigned().references('id').inTable(to).onDelete('CASCADE'),

  /** Who did it: the record outlives the person. */
  doneBy: (table: Knex.CreateTableBuilder, name: string) =>
    table.bigInteger(name).unsigned().nullable().references('id').inTable('users').onDelete('SET NULL'),
};
