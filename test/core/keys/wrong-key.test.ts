import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { z } from 'zod';
import { readConfig } from '../../../core/config.ts';
import { connectDatabase } from '../../../core/db/connect.ts';
import { StartError } from '../../../core/errors.ts';
import { makeKey } from '../../../core/keys/key-ring.ts';
import { createPino } from '../../../core/log/logger.ts';
import { createPanel } from '../../../core/panel.ts';
import { caught } from '../../support/failure.ts';
import { trialsFrom } from '../../chaos/dice.ts';
import { type MariaDbServer, startMariaDb } from '../../support/mariadb.ts';
import { needs } from '../../support/needs.ts';
import { tokensUntil } from '../../support/engine-world.ts';

/** Half of them on each database. */
const trials = Math.ceil(trialsFrom('CHAOS_P17_TRIALS', 2) / 2);

describe('A database that is restored beside the wrong key', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'castdeck-restore-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const open = (environment: Readonly<Record<string, string>>) =>
    createPanel(readConfig(environment, []), { plugins: [], migrates: true, log: createPino({ level: 'silent' }) });

  /** An installation with a connected profile, stopped again. */
  async function install(environment: Readonly<Record<string, string>>): Promise<void> {
    const panel = await open(environment);
    const account = { accountId: 'a-1', nickname: 'North', tokens: tokensUntil(Date.now() + 3_600_000) };
    await panel.services.credentials.save({ plugin: 'fake', appKey: 'app', mode: 'live', account });
    await panel.close();
  }

  async function expectRefusals(environment: Readonly<Record<string, string>>): Promise<void> {
    const others = Array.from({ length: trials }, () => makeKey('k1'));
    for (const key of [...others, makeKey('k2'), `${makeKey('k2')},${makeKey('k1')}`]) {
      const error = await caught(StartError, open({ ...environment, APP_KEY: key }));
      expect(error.message).to.match(/"k1"/).and.to.contain('Put the old key back');
    }
  }

  it('P17: is refused at the start and stays as it is, to the byte, on SQLite', async function () {
    this.timeout(20_000 + trials * 2_000);
    const [home, restored] = [path.join(folder, 'home'), path.join(folder, 'restored')];
    await install({ DATA_DIR: home, APP_KEY: makeKey('k1') });
    mkdirSync(restored);
    const file = path.join(restored, 'castdeck.db');
    copyFileSync(path.join(home, 'castdeck.db'), file);
    const digest = (): string => createHash('sha256').update(readFileSync(file)).digest('hex');
    const before = digest();
    await expectRefusals({ DATA_DIR: restored });
    // Without any key a new one is made, which is the wrong one too.
    await caught(StartError, open({ DATA_DIR: restored }));
    expect(digest()).to.equal(before);
  });

  describe('on MariaDB', () => {
    before(needs('mariadbd'));
    let server: MariaDbServer;
    before(async function () {
      this.timeout(30_000);
      server = await startMariaDb();
    });
    after(() => server.stop());

    it('P17: is refused at the start, and every table stays as it is', async function () {
      this.timeout(20_000 + trials * 2_000);
      const environment = { DATA_DIR: folder, DATABASE_URL: server.url };
      await install({ ...environment, APP_KEY: makeKey('k1') });
      const before = await checksums(server.url);
      expect(before).to.contain('credentials');
      await expectRefusals(environment);
      expect(await checksums(server.url)).to.equal(before);
    });
  });

  async function checksums(url: string): Promise<string> {
    const { port } = new URL(url);
    const db = await connectDatabase({
      ...{ kind: 'mysql', host: '127.0.0.1', port: Number(port), user: 'root', password: '', database: 'castdeck' },
    });
    const names: unknown = await db
      .knex('information_schema.tables')
      .whereRaw('table_schema = database()')
      .orderBy('table_name')
      .select({ name: 'table_name' });
    const tables = z.array(z.object({ name: z.string() })).parse(names);
    const sums: unknown = await db.knex.raw(`checksum table ${tables.map(({ name }) => `\`${name}\``).join(', ')}`);
    await db.close();
    return JSON.stringify(z.tuple([z.array(z.unknown()), z.unknown()]).parse(sums)[0]);
  }
});
