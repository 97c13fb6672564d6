import { expect } from 'chai';
import { z } from 'zod';
import type { Database } from '../../../core/db/database.ts';
import { openTestDatabase } from '../../support/database.ts';

const planRows = z.array(z.object({ detail: z.string() }));

describe('Deleting what others refer to', () => {
  let db: Database;
  before(async () => {
    db = await openTestDatabase();
  });
  after(() => db.close());

  for (const [table, column] of [
    ['attempts', 'credential_id'],
    ['notifications', 'team_id'],
  ] as const) {
    it(`finds ${table} by ${column} without reading all of them.`, async () => {
      const plan: unknown = await db.knex.raw('explain query plan select 1 from ?? where ?? = 1', [table, column]);
      const said = planRows.parse(plan).map(({ detail }) => detail);
      expect(said).to.have.length(1);
      expect(said[0]).to.match(/^SEARCH/);
    });
  }
});
