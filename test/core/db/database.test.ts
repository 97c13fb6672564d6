import { expect } from 'chai';
import type { Database } from '../../../core/db/database.ts';
import { coreMigrations, pendingMigrations, undoAllMigrations } from '../../../core/db/migrate.ts';
import { openTestDatabase } from '../../support/database.ts';
import { type MariaDbServer, startMariaDb } from '../../support/mariadb.ts';

for (const kind of ['sqlite', 'mysql'] as const) {
  describe(`the database (${kind})`, function () {
    this.timeout(30_000);
    let server: MariaDbServer | undefined;
    let db: Database;

    before(async () => {
      if (kind === 'mysql') server = await startMariaDb();
    });
    after(() => server?.stop());
    beforeEach(async () => {
      db = await openTestDatabase(server === undefined ? {} : { mariadb: server });
    });
    afterEach(() => db.close());

    it('has nothing pending after migrating', async () => {
      expect(await pendingMigrations(db, [coreMigrations])).to.deep.equal([]);
    });

    it('undoes every migration', async () => {
      await undoAllMigrations(db, [coreMigrations]);
      expect(await pendingMigrations(db, [coreMigrations])).to.have.length.above(5);
    });
  });
}
