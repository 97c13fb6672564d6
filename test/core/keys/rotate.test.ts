import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { z } from 'zod';
import { createAdmin } from '../../../core/auth/first-admin.ts';
import { HttpPerson } from '../../../core/bin/demo/http-person.ts';
import { readConfig } from '../../../core/config.ts';
import { keyFileIn, keySource } from '../../../core/keys/key-file.ts';
import { makeKey, readKeys } from '../../../core/keys/key-ring.ts';
import { addKey, nextKeyId } from '../../../core/keys/rotate.ts';
import { sealedColumns, tokenPlace } from '../../../core/keys/sealed-places.ts';
import { createPino } from '../../../core/log/logger.ts';
import { createPanel, type Panel } from '../../../core/panel.ts';
import { discoverPlugins, ownPlugins } from '../../../core/plugin-host/discover.ts';
import { startBin } from '../../support/bin.ts';
import { freePort } from '../../support/free-port.ts';

const admin = { email: 'nok@example.org', name: 'Nok Srisuk', password: 'seventeen lanterns' };
const settingsPath = '/admin/api-integration/tiktok';
/** Beside the app's secrets: more than one page of them. */
const accounts = 120;
const atOnce = 100;

describe('npm run keys', function () {
  this.timeout(60_000);
  let dataDir: string;
  let panel: Panel;
  let url: string;
  let environment: Record<string, string>;

  beforeEach(async () => {
    dataDir = mkdtempSync(path.join(tmpdir(), 'castdeck-keys-'));
    environment = { DATA_DIR: dataDir, PORT: String(await freePort()) };
    const plugins = await discoverPlugins([ownPlugins]);
    panel = await createPanel(readConfig(environment, plugins), { plugins, log: createPino({ level: 'silent' }) });
    ({ url } = await panel.listen());
    await createAdmin({ ...panel.base, ...panel.services }, admin);
    await panel.base.db.knex('credentials').insert(Array.from({ length: accounts }, (_, n) => credential(n)));
  });
  afterEach(async () => {
    await panel.close();
    rmSync(dataDir, { recursive: true });
  });

  function credential(n: number) {
    const owner = { plugin: 'tiktok', appKey: 'awk3jd', accountId: `account-${n}` };
    const seal = (column: 'access_token' | 'refresh_token') =>
      panel.base.vault.seal(`token-${n}`, tokenPlace(owner, column));
    return {
      ...{ plugin: owner.plugin, app_key: owner.appKey, account_id: owner.accountId, mode: 'live', version: 1 },
      ...{ access_token: seal('access_token'), refresh_token: seal('refresh_token') },
      ...{ access_expires_at: 0, refresh_expires_at: 0, scopes: '', state: 'active', refreshed_at: 0 },
    };
  }

  async function signIn(): Promise<HttpPerson> {
    const person = new HttpPerson(url);
    const { email, password } = admin;
    await person.submit(await person.get('/sign-in'), '/sign-in', { email, password });
    return person;
  }

  /** A page that reads secrets, a press that seals one, and a page of the account. */
  async function ask(person: HttpPerson, n: number): Promise<number> {
    if (n % 3 === 0) return (await person.get('/account')).status;
    const page = await person.get(settingsPath);
    if (n % 3 === 1) return page.status;
    const typed = { 'live.appId': 'aw3kd9s2lq8vn5xt', 'live.appSecret': `secret-of-live-${n}` };
    const answer = await person.submit(page, settingsPath, typed);
    // What another press was told, a page may show: only a refusal is told where it is made.
    return answer.root.querySelector('[role=alert]') === null ? answer.status : 0;
  }

  async function askTogether(person: HttpPerson): Promise<ReadonlySet<number>> {
    return new Set(await Promise.all(Array.from({ length: atOnce }, (_, n) => ask(person, n))));
  }

  const keys = async (command: string): Promise<{ code: number | null; said: string }> => {
    const ran = startBin('keys', { folder: dataDir, environment, args: [command] });
    const code = await ran.ended;
    const { stdout, stderr } = ran.output();
    return { code, said: stdout + stderr };
  };

  /** Ids of the keys that stored texts are sealed with. */
  async function idsInUse(): Promise<ReadonlySet<string>> {
    const ids = new Set<string>();
    for (const { table, column, only = {} } of sealedColumns) {
      const rows: unknown = await panel.base.db.knex(table).where(only).whereNotNull(column).pluck(column);
      for (const text of z.array(z.string()).parse(rows)) ids.add(text.slice(0, text.indexOf('.')));
    }
    return ids;
  }

  it(`P17: rotate answers ${atOnce} requests at once without an error and leaves every secret on the new key, and retire takes the old one away`, async () => {
    const person = await signIn();
    const told = { isOver: false };
    const rotation = keys('rotate').finally(() => {
      told.isOver = true;
    });
    const statuses: number[] = [];
    do statuses.push(...(await askTogether(person)));
    while (!told.isOver);
    expect(new Set(statuses)).to.deep.equal(new Set([200]));
    const { code, said } = await rotation;
    expect(said).to.match(/^\d+ secrets sealed anew; every one is sealed with the key "k2"\./);
    // Before it is done: it cannot be taken back.
    expect(said).to.contain('everybody who signed in before the change has to sign in again');
    expect(Number(said.split(' ')[0])).to.be.at.least(2 * accounts);
    expect(code).to.equal(0);
    expect(await idsInUse()).to.deep.equal(new Set(['k2']));

    expect((await keys('list')).said).to.match(/^k2 {2}seals and opens {2}\d+ stored secrets\nk1 {2}opens only {2}0 /);
    expect((await keys('retire')).said).to.match(/Taken out of the key file: k1\..*has to sign in again\./);
    const { root } = await person.get('/account');
    expect(root.querySelector('input[type=password]'), 'the page that asks to sign in').not.to.equal(null);
    expect(root.querySelector('h1')?.text).to.contain('Sign in');
    expect(readKeys(readFileSync(keyFileIn(dataDir), 'utf8').trim()))
      .to.have.nested.property('ring.all')
      .with.lengthOf(1);
    expect(await askTogether(await signIn())).to.deep.equal(new Set([200]));
    const acts: unknown = await panel.base.db.knex('events').where({ subject_id: 'keys' }).orderBy('id').pluck('kind');
    expect(acts).to.deep.equal(['keys.rotated', 'keys.retired']);
  });

  it('says how a key in APP_KEY is changed, and changes nothing', async () => {
    const appKey = makeKey('k1');
    const other = mkdtempSync(path.join(tmpdir(), 'castdeck-keys-'));
    environment = { DATA_DIR: other, APP_KEY: appKey };
    const migrated = startBin('migrate', { folder: other, environment });
    expect(await migrated.ended).to.equal(0);
    const { code, said } = await keys('rotate');
    expect(code).to.equal(1);
    expect(said).to.contain('Nothing was changed').and.contain(`APP_KEY=${appKey},k2:`);
    expect(said).to.contain('has to sign in again');
    rmSync(other, { recursive: true });
  });
});

describe('the key file', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(path.join(tmpdir(), 'castdeck-key-file-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  it('counts at once in a running process when it changes, and the same list stays the same object', () => {
    const running = keySource({ appKey: undefined, dataDir });
    expect(running()).to.equal(running());
    const other = keySource({ appKey: undefined, dataDir });
    expect(addKey({ file: keyFileIn(dataDir), keys: other })).to.equal('k2');
    expect(running().all.map(({ id }) => id)).to.deep.equal(['k1', 'k2']);
    expect(running().first.id).to.equal('k1');
    expect(statSync(keyFileIn(dataDir)).mode & 0o777).to.equal(0o600);
  });

  it('that is half written leaves a running process the keys it had', () => {
    const running = keySource({ appKey: undefined, dataDir });
    const before = running();
    writeFileSync(keyFileIn(dataDir), 'k2:half');
    expect(running()).to.equal(before);
    writeFileSync(keyFileIn(dataDir), makeKey('k2'));
    expect(running().first.id).to.equal('k2');
  });

  it('names the next key one past the highest', () => {
    const ringOf = (...ids: string[]) => {
      const all = ids.map((id) => ({ id, bytes: Buffer.alloc(32) }));
      return { first: all[0] ?? { id: '', bytes: Buffer.alloc(32) }, all };
    };
    expect(nextKeyId(ringOf('k1'))).to.equal('k2');
    expect(nextKeyId(ringOf('k2', 'k11', 'spare'))).to.equal('k12');
    expect(nextKeyId(ringOf('spare'))).to.equal('k1');
  });
});
