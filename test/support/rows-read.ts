import { z } from 'zod';
import type { Database } from '../../core/db/database.ts';

const statusRow = z.object({ Value: z.coerce.number() });

/** Handler reads of this connection so far; SQLite has no such counter and answers 0. */
export async function rowsRead({ knex, kind }: Pick<Database, 'knex' | 'kind'>): Promise<number> {
  if (kind === 'sqlite') return 0;
  const answer: unknown = await knex.raw("show session status like 'Handler_read%'");
  const [rows] = z
    .tuple([z.array(statusRow)])
    .rest(z.unknown())
    .parse(answer);
  return rows.reduce((sum, { Value }) => sum + Value, 0);
}
