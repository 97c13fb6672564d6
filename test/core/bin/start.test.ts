import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { connectDatabase } from '../../../core/db/connect.ts';
import { coreMigrations, migrateToLatest } from '../../../core/db/migrate.ts';
import { makeKey } from '../../../core/keys/key-ring.ts';
import { startBin } from '../../support/bin.ts';
import { freePort } from '../../support/free-port.ts';

describe('starting', function () {
  this.timeout(120_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'castdeck-start-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const place = (name: string): string => {
    const made = path.join(folder, name);
    mkdirSync(made);
    return made;
  };
  /** Runs it to its end, which must be a failure with one message and nothing else. */
  const refusal = async (
    name: string,
    environment: Record<string, string>,
    at = place(name + Object.keys(environment).join('-')),
  ) => {
    const bin = startBin(name, { folder: at, environment });
    expect(await bin.ended, bin.output().stdout + bin.output().stderr).to.equal(1);
    expect(bin.output().stdout).to.equal('');
    return bin.output().stderr.trimEnd();
  };

  it('tells a wrong DATABASE_URL in one message, without the password', async () => {
    const [unreachable, unsupported] = await Promise.all([
      refusal('start', { DATABASE_URL: 'mysql://user:canary@127.0.0.1:1/castdeck' }),
      refusal('worker', { DATABASE_URL: 'postgres://user:canary@127.0.0.1/castdeck' }),
    ]);
    expect(unreachable).to.equal(
      'DATABASE_URL: cannot reach the database "castdeck" at 127.0.0.1:1 as user "user": nothing listens there. Start the database server or correct host and port.',
    );
    expect(unsupported).to.match(/^DATABASE_URL: "postgres:" is not supported\. Use sqlite:<file> or mysql:/);
  });

  it('tells a place where nothing can be kept, and does not try for ever', async () => {
    const file = path.join(folder, 'a-file');
    writeFileSync(file, '');
    const [nowhere, notFolder, nobodys] = await Promise.all([
      refusal('start', { DATA_DIR: '/proc/nowhere/data' }),
      refusal('worker', { DATA_DIR: file }, place('not-a-folder')),
      refusal('web', { DATABASE_URL: 'sqlite:/proc/nowhere/castdeck.db' }),
    ]);
    expect(nowhere).to.match(
      /^DATA_DIR: \/proc\/nowhere\/data cannot be used \(.*\)\. Set it to a folder of this user\.$/,
    );
    expect(notFolder).to.match(/^DATA_DIR: .*a-file cannot be used/);
    expect(nobodys).to.match(/^DATABASE_URL: the folder of \/proc\/nowhere\/castdeck\.db cannot be made/);
  });

  it('tells everything that is wrong in the environment at once', async () => {
    const server = { APP_KEY: 'canary', PORT: '99999', HOST: '0.0.0.0' };
    const message = await refusal('web', { ...server, TIKTOK_MODE: 'canary?', TIKTOK_CLIENT_KEY: 'aw demo' });
    expect(message.split('\n')).to.have.length(6);
    expect(message)
      .to.match(/^5 settings are wrong:/)
      .and.match(/^ {2}TIKTOK_CLIENT_KEY: App ID has a space or line break inside\. Copy it again from TikTok\.$/m)
      .and.match(/APP_KEY has no id:base64/)
      .and.match(/PUBLIC_URL is missing/);
  });

  it('serves, says where on standard output among JSON lines, and stops gracefully; a second start finds the port taken', async () => {
    const port = String(await freePort());
    const first = startBin('start', { folder, environment: { PORT: port } });
    expect(await first.line('listening ')).to.equal(`listening http://localhost:${port}`);
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).to.equal(200);
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).to.equal(200);
    const other = place('other');
    expect(await refusal('web', { PORT: port }, other)).to.equal(
      `PORT: ${port} on 127.0.0.1 is taken by another process. Stop it, or set PORT to a free one.`,
    );
    first.kill('SIGTERM');
    expect(await first.ended).to.equal(0);
    for (const line of first.output().stdout.trimEnd().split('\n')) {
      if (!line.startsWith('listening '))
        expect(JSON.parse(line)).to.have.keys(['level', 'time', 'process', 'msg', ...extraKeys(line)]);
    }
    expect(first.output().stderr).to.equal('');
  });

  it('stops at a wrong key for an existing database, before it serves', async () => {
    const file = path.join(folder, 'castdeck.db');
    const environment = { DATABASE_URL: `sqlite:${file}`, PORT: String(await freePort()) };
    const first = startBin('worker', {
      folder: place('first'),
      environment: { ...environment, APP_KEY: makeKey('k1') },
    });
    await first.line('{"level":"info"');
    first.kill('SIGTERM');
    await first.ended;
    const [another, missing] = await Promise.all([
      refusal('start', { ...environment, APP_KEY: makeKey('k1') }, place('another')),
      refusal('start', { ...environment, APP_KEY: makeKey('k2') }, place('missing')),
    ]);
    expect(another).to.match(/^The key "k1" is not the one this database was written with\. Put the old key back/);
    expect(missing).to.match(/^This database holds secrets sealed with the key "k1", which is not among the keys\./);
  });

  it('refuses a database that is behind and names the command, which brings it up to date', async () => {
    const file = path.join(folder, 'data', 'castdeck.db');
    const db = await connectDatabase({ kind: 'sqlite', file });
    await migrateToLatest(db, [coreMigrations]);
    await db.knex('migrations_done').where('name', 'core/008-events').delete();
    await db.knex.schema.dropTable('webhook_events').dropTable('events');
    await db.close();
    expect(await refusal('web', {}, folder)).to.match(
      /^The database is behind this version \(core\/008-events, .*\)\. Back it up, then run: npm run migrate$/,
    );
    const migrate = startBin('migrate', { folder });
    expect(await migrate.ended).to.equal(0);
    expect(migrate.output().stdout).to.contain('migrated core/008-events\n');
    const again = startBin('migrate', { folder });
    await again.ended;
    expect(again.output().stdout).to.equal('nothing to migrate: the database is up to date\n');
  });

  it('S50: two first starts at once make one admin, from .env', async () => {
    writeFileSync(path.join(folder, '.env'), 'ADMIN_EMAIL=ada@example.org\nADMIN_PASSWORD="correct horse battery"\n');
    const starts = await Promise.all(
      [1, 2].map(async () => startBin('web', { folder, environment: { PORT: String(await freePort()) } })),
    );
    await Promise.all(starts.map((start) => start.line('listening ')));
    for (const start of starts) start.kill('SIGTERM');
    expect(await Promise.all(starts.map((start) => start.ended))).to.deep.equal([0, 0]);
    const db = await connectDatabase({ kind: 'sqlite', file: path.join(folder, 'data', 'castdeck.db') });
    expect(await db.knex('users').select('email', 'is_admin')).to.deep.equal([
      { email: 'ada@example.org', is_admin: 1 },
    ]);
    await db.close();
  });

  it('sets up people and teams from the command line, and says what was typed wrong', async () => {
    const admin = async (...args: string[]) => {
      const bin = startBin('admin', { folder, args });
      return { code: await bin.ended, ...bin.output() };
    };
    const person = ['--email', 'ada@example.org', '--name', 'Ada', '--password', 'correct horse battery'];
    expect(await admin('create', ...person)).to.deep.equal({
      code: 0,
      stdout: 'admin 1 created: ada@example.org\n',
      stderr: '',
    });
    expect((await admin('team-create', '--name', 'Hazel & Rye', '--zone', 'Europe/Copenhagen')).code).to.equal(0);
    const added = await admin('member-add', '--team', 'Hazel & Rye', '--email', 'ada@example.org', '--role', 'owner');
    expect(added.code, added.stderr).to.equal(0);
    const [twice, zone, role] = await Promise.all([
      admin('create', ...person),
      admin('team-create', '--name', 'X', '--zone', 'Mars/Olympus'),
      admin('member-add', '--team', 'Hazel & Rye', '--email', 'ada@example.org', '--role', 'king'),
    ]);
    for (const { code, stderr, stdout } of [twice, zone, role]) {
      expect([code, stdout]).to.deep.equal([1, '']);
      expect(stderr.trimEnd().split('\n')).to.have.length(1);
    }
  });
});

function extraKeys(line: string): readonly string[] {
  const parsed: unknown = JSON.parse(line);
  return typeof parsed === 'object' && parsed !== null ? Object.keys(parsed) : [];
}
