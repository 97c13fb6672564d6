import { expect } from 'chai';
import { createHealth } from '../../../core/health/health.ts';
import { coreMigrations } from '../../../core/db/migrate.ts';
import { openTestDatabase } from '../../support/database.ts';
import { recordingLog } from '../../support/log.ts';

describe('readiness', () => {
  it('is there once the database answers and has every migration', async () => {
    const db = await openTestDatabase();
    const { log } = recordingLog();
    expect(await createHealth({ db, log, migrations: [coreMigrations] }).ready()).to.deep.equal({
      isReady: true,
      checks: { database: 'ok', migrations: 'ok' },
    });
    const more = { owner: 'paperboy', folder: 'test/support/plugins/paperboy/migrations' };
    expect(await createHealth({ db, log, migrations: [coreMigrations, more] }).ready()).to.deep.equal({
      isReady: false,
      checks: { database: 'ok', migrations: 'pending' },
    });
    await db.close();
  });

  it('ends with the database, and tells only the log why', async () => {
    const db = await openTestDatabase();
    const { log, text } = recordingLog();
    await db.close();
    const { isReady, checks } = await createHealth({ db, log, migrations: [coreMigrations] }).ready();
    expect([isReady, checks.database]).to.deep.equal([false, 'unreachable']);
    expect(text()).to.contain('did not answer the readiness probe');
  });
});
