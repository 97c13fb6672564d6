import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { tableOf } from '../../../core/doctor/doctor-table.ts';
import { lookWithoutPanel } from '../../../core/doctor/look-without-panel.ts';
import { connectDatabase } from '../../../core/db/connect.ts';
import type { DatabaseTarget } from '../../../core/db/database.ts';
import { coreMigrations, migrateToLatest } from '../../../core/db/migrate.ts';
import { StartError } from '../../../core/errors.ts';
import { type Language, languages } from '../../../core/language/languages.ts';
import { projectRoot } from '../../../core/project-root.ts';
import { loadTexts } from '../../../core/web/texts.ts';
import { freePort } from '../../support/free-port.ts';
import { silentLog } from '../../support/silent-log.ts';

const texts = loadTexts({
  folders: [`${projectRoot}/core/locales`],
  onMissing: (key) => {
    throw new Error(`There is no text for ${key}.`);
  },
});

describe('The setup check without a panel', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'castdeck-no-panel-'));
  const file = path.join(folder, 'castdeck.sqlite');
  after(() => rmSync(folder, { recursive: true }));

  /** Nobody listens at the public address. */
  const look = async (database: DatabaseTarget, because = 'It cannot start.') => {
    const config = { publicUrl: `http://localhost:${await freePort()}`, dataDir: folder, database };
    const parts = { t: texts.deferring, log: silentLog, config, migrations: [coreMigrations], networks: ['Paperboy'] };
    const rows = await lookWithoutPanel({ ...parts, error: new StartError(because) });
    return (language: Language = 'en') => tableOf(rows, texts.speech(language));
  };

  it('tells of a database that is away, looks at what needs none, and says why the rest is not looked at', async () => {
    const port = await freePort();
    const url = { host: '127.0.0.1', port, user: 'castdeck', password: 'hush', database: 'castdeck' };
    const table = (await look({ kind: 'mysql', ...url }))();
    expect(table).to.match(/^RED +Database +The database does not answer\n +DATABASE_URL/mu);
    expect(table)
      .to.match(/^ +1\. See that the database runs/mu)
      .and.not.contain('hush');
    expect(table).to.match(/^RED +Public address +Nothing answers/mu);
    for (const label of ['Paperboy', 'Worker', 'Site verification']) {
      expect(table).to.match(new RegExp(`^AMBER +${label} +Not looked at, because the database does not answer`, 'mu'));
    }
  });

  it('tells of migrations that were not run, and changes nothing', async () => {
    const db = await connectDatabase({ kind: 'sqlite', file });
    await migrateToLatest(db, [coreMigrations]);
    const last = db.knex('migrations_done').max('id');
    await db.knex('migrations_done').where('id', last).delete();
    const before = await db.knex('migrations_done').count();
    const table = (await look({ kind: 'sqlite', file }))();
    expect(table)
      .to.match(/^RED +Database +One migration was not run\n/mu)
      .and.to.contain('npm run migrate');
    expect(table).to.contain('Not looked at, because the database is behind this version.');
    expect(await db.knex('migrations_done').count()).to.deep.equal(before);
    await db.close();
  });

  it('tells why the start is refused where the database is well', async () => {
    const table = (await look({ kind: 'sqlite', file: ':memory:' }, 'APP_KEY: it is another key.'))();
    expect(table).to.match(/^RED +Start +APP_KEY: it is another key\./mu);
    expect(table).to.match(/^GREEN +Database +SQLite/mu);
    expect(table).to.contain('Not looked at, because the panel cannot start.');
  });

  it('says so in every language', async () => {
    const table = await look({ kind: 'sqlite', file: path.join(folder, 'nowhere', '\0') });
    expect(languages.map((language) => table(language).split('\n').length > 10)).to.deep.equal([true, true]);
    expect(table('th')).to.contain('ยังไม่ได้ตรวจ เพราะฐานข้อมูลไม่ตอบกลับ');
  });
});
