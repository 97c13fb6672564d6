import { z } from 'zod';
import type { Database } from '../db/database.ts';
import { firstRow } from '../db/rows.ts';
import type { FindLinkedFile, LinkedFile } from './media-links.ts';

const row = z
  .object({ stored_name: z.string(), type: z.string() })
  .transform((found): LinkedFile => ({ storedName: found.stored_name, type: found.type }));

/** A picture that was not deleted, of whichever team: who may have it was settled when its address was made. */
export function createLinkedFileStore({ knex }: Database): FindLinkedFile {
  return async (id) =>
    firstRow(
      row,
      await knex('media').where({ id, kind: 'picture' }).whereNull('deleted_at').limit(1).select('stored_name', 'type'),
    );
}
