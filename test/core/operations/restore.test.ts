import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { type Environment, readConfig } from '../../../core/config.ts';
import { connectDatabase } from '../../../core/db/connect.ts';
import { secretPlace } from '../../../core/keys/sealed-places.ts';
import { createPino } from '../../../core/log/logger.ts';
import { createPanel, type Panel } from '../../../core/panel.ts';
import { discoverPlugins, ownPlugins } from '../../../core/plugin-host/discover.ts';
import { createTeam } from '../../support/factories.ts';
import { type MariaDbServer, startMariaDb } from '../../support/mariadb.ts';
import { needs } from '../../support/needs.ts';

const run = promisify(execFile);

/** What docs/OPERATIONS.md tells an operator to do, done to an installation that is being written to. */
describe('A backup taken while people work', () => {
  let folder: string;
  const open: Panel[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'castdeck-restore-'));
  });
  afterEach(async () => {
    for (const panel of open.splice(0)) await panel.close();
    await rm(folder, { recursive: true });
  });

  const start = async (environment: Environment): Promise<Panel> => {
    const plugins = await discoverPlugins([ownPlugins]);
    const config = readConfig(environment, plugins);
    const panel = await createPanel(config, { plugins, log: createPino({ level: 'silent' }), migrates: true });
    open.push(panel);
    return panel;
  };
  const place = (name: string) => path.join(folder, name);

  it('is whole on SQLite: the copy starts with its key and its files, and is up to date', async () => {
    const panel = await start({ DATA_DIR: place('data') });
    const writing = await furnish(panel, place('data'));
    await mkdir(place('backup'));
    // sqlite3 data/castdeck.db "VACUUM INTO 'backup/castdeck.db'"
    const operator = await connectDatabase({ kind: 'sqlite', file: place('data/castdeck.db') });
    await operator.knex.raw('vacuum into ?', [place('backup/castdeck.db')]);
    await operator.close();
    await cp(place('data/media'), place('backup/media'), { recursive: true });
    await cp(place('data/app.key'), place('backup/app.key'));
    const written = await writing.stop();

    const restored = await start({ DATA_DIR: place('backup') });
    await expectWhole(restored, written);
    const answer: unknown = await restored.base.db.knex.raw('pragma integrity_check');
    expect(answer).to.deep.equal([{ integrity_check: 'ok' }]);
    expect(await readFile(place('backup/media/1.mp4'), 'utf8')).to.equal('frames');
  });

  describe('on MariaDB', () => {
    let server: MariaDbServer | undefined;
    before(needs('mariadbd'));
    before(async function () {
      this.timeout(120_000);
      server = await startMariaDb();
    });
    after(() => server?.stop());

    it('is whole: the dump goes into an empty database and starts with the same key', async function () {
      this.timeout(120_000);
      const [from, to] = [await server?.createDatabase(), await server?.createDatabase()];
      if (from === undefined || to === undefined) throw new Error('The server has not started.');
      const { port } = from;
      const url = (database: string) => `mysql://root@127.0.0.1:${port}/${database}`;
      const panel = await start({ DATA_DIR: place('data'), DATABASE_URL: url(from.database) });
      const writing = await furnish(panel, place('data'));
      const access = ['--no-defaults', '--host=127.0.0.1', `--port=${port}`, '--user=root'];
      const kind = ['--single-transaction', '--quick', '--hex-blob', '--default-character-set=utf8mb4'];
      await pipe('mariadb-dump', [...access, ...kind, from.database], { into: place('castdeck.sql') });
      const written = await writing.stop();

      await pipe('mariadb', [...access, to.database], { from: place('castdeck.sql') });
      const restored = await start({ DATA_DIR: place('data'), DATABASE_URL: url(to.database) });
      await expectWhole(restored, written);
    });
  });
});

const secret = { pluginId: 'tiktok', setId: 'live', fieldId: 'appSecret' };

/** A secret that the key sealed, a file, and somebody who adds teams until the copy is there. */
async function furnish({ base }: Panel, dataDir: string): Promise<{ stop(): Promise<number> }> {
  const value = base.vault.seal('app-secret', secretPlace(secret));
  const row = { plugin: 'tiktok', set_id: 'live', field: 'appSecret', value, is_sealed: true, updated_at: 0 };
  await base.db.knex('plugin_settings').insert(row);
  await writeFile(path.join(dataDir, 'media/1.mp4'), 'frames');
  await createTeam(base.db);
  const state = { isOn: true };
  const adding = (async () => {
    let count = 1;
    for (; state.isOn; count += 1) {
      await createTeam(base.db);
      await turn();
    }
    return count;
  })();
  return {
    stop: () => {
      state.isOn = false;
      return adding;
    },
  };
}

/** @param most how many teams there were when the copy was there */
async function expectWhole({ base }: Panel, most: number): Promise<void> {
  const teams: readonly unknown[] = await base.db.knex('teams').select('id');
  expect(teams).to.have.length.within(1, most);
  const [sealed = ''] = await base.db.knex('plugin_settings').where({ field: 'appSecret' }).pluck<string[]>('value');
  expect(base.vault.open(sealed, secretPlace(secret))).to.equal('app-secret');
}

/** Runs a program with its input from a file or its output into one. */
async function pipe(
  program: string,
  args: readonly string[],
  { into, from }: { readonly into?: string; readonly from?: string },
): Promise<void> {
  const working = run(program, [...args], { maxBuffer: 64 * 1024 * 1024 });
  if (from !== undefined && working.child.stdin !== null) createReadStream(from).pipe(working.child.stdin);
  const { stdout } = await working;
  if (into !== undefined) await writeFile(into, stdout);
}
