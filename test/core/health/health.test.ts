import { expect } from 'chai';
import { createHealth } from '../../../core/health/health.ts';
import { coreMigrations } from '../../../core/db/migrate.ts';
import { openTestDatabase } from '../../support/database.ts';
import { recordingLog } from '../../support/log.ts';

describe('readiness', () => {
  it('is there once the database answers and has every migration', async () => {
    const db = await openTestDatabase();
    const { log, text } = recordingLog();
    expect(await createHealth({ db, log, migrations: [coreMigrations] }).isReady()).to.equal(true);
    const more = { owner: 'paperboy', folder: 'test/support/plugins/paperboy/migrations' };
    expect(await createHealth({ db, log, migrations: [coreMigrations, more] }).isReady()).to.equal(false);
    expect(text()).to.contain('paperboy/001-prints');
    await db.close();
  });

  it('ends with the database, and tells only the log why', async () => {
    const db = await openTestDatabase();
    const { log, text } = recordingLog();
    await db.close();
    expect(await createHealth({ db, log, migrations: [coreMigrations] }).isReady()).to.equal(false);
    expect(text()).to.contain('the database does not answer');
  });
});
