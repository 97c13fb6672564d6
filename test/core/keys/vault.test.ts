import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { systemClock } from '../../../core/clock.ts';
import { openVault } from '../../../core/keys/key-check-store.ts';
import { keySource } from '../../../core/keys/key-file.ts';
import { makeKey, readKeys } from '../../../core/keys/key-ring.ts';
import { createVault } from '../../../core/keys/vault.ts';
import { openTestDatabase } from '../../support/database.ts';
import { failureOf } from '../../support/failure.ts';

const place = { table: 'credentials', column: 'access_token', row: 'paperboy/app/account-1' };

describe('the vault', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(path.join(tmpdir(), 'castdeck-vault-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));
  const vaultWith = (...keys: string[]) => createVault(keySource({ appKey: keys.join(','), dataDir }));

  it('S18: opens what it sealed, and no two seals of one text are equal', () => {
    const vault = vaultWith(makeKey('k1'));
    const sealed = vault.seal('canary-token', place);
    expect(vault.open(sealed, place)).to.equal('canary-token');
    expect(sealed).to.match(/^k1\./);
    expect(sealed).to.not.contain('canary');
    expect(vault.seal('canary-token', place)).to.not.equal(sealed);
  });

  it('S18: refuses a sealed text moved to another row, column or table', () => {
    const vault = vaultWith(makeKey('k1'));
    const sealed = vault.seal('canary-token', place);
    for (const moved of [{ row: 'paperboy/app/account-2' }, { column: 'refresh_token' }, { table: 'attempts' }]) {
      expect(() => vault.open(sealed, { ...place, ...moved })).to.throw('does not open');
    }
  });

  it('S18: refuses a text of which one character was altered, and one that is no sealed text', () => {
    const vault = vaultWith(makeKey('k1'));
    const sealed = vault.seal('canary-token', place);
    const altered = sealed.slice(0, 20) + (sealed[20] === 'A' ? 'B' : 'A') + sealed.slice(21);
    expect(() => vault.open(altered, place)).to.throw('does not open');
    expect(() => vault.open('canary-token', place)).to.throw('is not a sealed text');
  });

  it('seals with the first key and opens with all of them', () => {
    const [old, fresh] = [makeKey('k1'), makeKey('k2')];
    const sealed = vaultWith(old).seal('x', place);
    const both = vaultWith(fresh, old);
    expect(both.open(sealed, place)).to.equal('x');
    expect(both.seal('x', place)).to.match(/^k2\./);
  });

  it('S18: makes a key file of mode 0600 at the first start and reads it at the second', () => {
    const sealed = createVault(keySource({ appKey: undefined, dataDir })).seal('x', place);
    expect(statSync(path.join(dataDir, 'app.key')).mode & 0o777).to.equal(0o600);
    expect(createVault(keySource({ appKey: undefined, dataDir })).open(sealed, place)).to.equal('x');
  });

  it('reads its key file once more when it meets a key that was added while it runs', () => {
    const file = path.join(dataDir, 'app.key');
    const running = createVault(keySource({ appKey: undefined, dataDir }));
    const added = `${makeKey('k2')},${readFileSync(file, 'utf8').trim()}`;
    const sealedByAnother = vaultWith(added).seal('x', place);
    expect(() => running.open(vaultWith(makeKey('k9')).seal('x', place), place)).to.throw('"k9"');
    writeFileSync(file, added);
    expect(running.open(sealedByAnother, place)).to.equal('x');
  });

  it('says which entry of APP_KEY is wrong without repeating it', () => {
    const short = Buffer.from('canary-but-short').toString('base64');
    for (const wrong of ['canary', 'k1:', `k1:${short}`, ':x', '', `${makeKey('k1')},canary`]) {
      const read = readKeys(wrong);
      expect(read).to.have.property('problem').that.contains('openssl rand -base64 32');
      expect(JSON.stringify(read)).to.not.contain('canary').and.not.contain(short);
    }
    expect(readKeys(`${makeKey('k1')},${makeKey('k1')}`))
      .to.have.property('problem')
      .that.contains('twice');
  });
});

describe('the check of the keys at the start', () => {
  const open = async (db: Awaited<ReturnType<typeof openTestDatabase>>, appKey: string) =>
    openVault({ db, keys: keySource({ appKey, dataDir: '/nowhere' }), clock: systemClock });

  it('lets the same key in again, also behind a new first key', async () => {
    const db = await openTestDatabase();
    const key = makeKey('k1');
    await open(db, key);
    await open(db, key);
    await open(db, `${makeKey('k2')},${key}`);
    await db.close();
  });

  it('stops at another key under the same id, and at a missing one', async () => {
    const db = await openTestDatabase();
    await open(db, makeKey('k1'));
    expect((await failureOf(open(db, makeKey('k1')))).message).to.contain(
      'is not the one this database was written with',
    );
    expect((await failureOf(open(db, makeKey('other')))).message).to.contain('sealed with the key "k1"');
    await db.close();
  });
});
