import { z } from 'zod';
import type { Sql } from '../db/database.ts';
import { firstRow, rowCount, rowTime } from '../db/rows.ts';

const factorRow = z
  .object({ sealed_secret: z.string(), created_at: rowTime })
  .transform((row) => ({ sealedSecret: row.sealed_secret, since: row.created_at }));

export interface NewFactor {
  readonly userId: number;
  readonly sealedSecret: string;
  /** The step of the code that proved it. */
  readonly step: number;
  readonly at: number;
}

/** Second factors and their recovery codes: the secret sealed, of each code only its hash. */
export class SecondFactorStore {
  readonly #knex: Sql;

  constructor(knex: Sql) {
    this.#knex = knex;
  }

  async find(userId: number, sql = this.#knex) {
    const rows = await sql('second_factors').where({ user_id: userId }).select('sealed_secret', 'created_at');
    return firstRow(factorRow, rows);
  }

  async having(): Promise<ReadonlySet<number>> {
    const rows: unknown = await this.#knex('second_factors').select('user_id');
    return new Set(
      z
        .array(z.object({ user_id: z.int() }))
        .parse(rows)
        .map((row) => row.user_id),
    );
  }

  /** Instead of what the person had. */
  async put({ userId, sealedSecret, step, at }: NewFactor, sql: Sql): Promise<void> {
    await this.remove(userId, sql);
    const row = { user_id: userId, sealed_secret: sealedSecret, last_step: step, created_at: at };
    await sql('second_factors').insert(row);
  }

  /** Of many at once with a code of this step, one gets it. */
  async takeStep(userId: number, step: number): Promise<boolean> {
    const rows = this.#knex('second_factors').where({ user_id: userId }).where('last_step', '<', step);
    return (await rows.update({ last_step: step })) === 1;
  }

  /** @returns whether there was one */
  async remove(userId: number, sql: Sql): Promise<boolean> {
    await sql('recovery_codes').where({ user_id: userId }).delete();
    return (await sql('second_factors').where({ user_id: userId }).delete()) === 1;
  }

  /** The old ones are void. */
  async putCodes(userId: number, hashes: readonly string[], sql: Sql): Promise<void> {
    await sql('recovery_codes').where({ user_id: userId }).delete();
    await sql('recovery_codes').insert(hashes.map((hash) => ({ user_id: userId, code_hash: hash })));
  }

  /** Uses one up: of many at once, one gets it. */
  async takeCode(userId: number, hash: string): Promise<boolean> {
    return (await this.#knex('recovery_codes').where({ user_id: userId, code_hash: hash }).delete()) === 1;
  }

  async countCodes(userId: number): Promise<number> {
    const rows: unknown = await this.#knex('recovery_codes').where({ user_id: userId }).count({ n: '*' });
    return z.tuple([z.object({ n: rowCount })]).parse(rows)[0].n;
  }
}
