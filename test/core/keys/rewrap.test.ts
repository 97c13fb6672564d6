import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { z } from 'zod';
import { createOAuthStateStore } from '../../../core/channels/oauth-state-store.ts';
import { systemClock } from '../../../core/clock.ts';
import { createCredentialService } from '../../../core/credentials/stored-credentials.ts';
import { openVault } from '../../../core/keys/key-check-store.ts';
import { type KeySource, keySource } from '../../../core/keys/key-file.ts';
import { makeKey } from '../../../core/keys/key-ring.ts';
import { rewrap } from '../../../core/keys/rewrap.ts';
import { placeIn, progressPlace, sealedColumns, secretPlace, verifierPlace } from '../../../core/keys/sealed-places.ts';
import { createVault, type Vault } from '../../../core/keys/vault.ts';
import { trialsFrom } from '../../chaos/dice.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { addChannel, createEngineWorld, type EngineWorld, schedule, tokensUntil } from '../../support/engine-world.ts';
import { failureOf } from '../../support/failure.ts';

/** Half of them on each database. */
const trials = Math.ceil(trialsFrom('CHAOS_P17_TRIALS', 2) / 2);

onEachDatabase('Changing the key', (db) => {
  let dataDir: string;
  let world: EngineWorld;
  beforeEach(async () => {
    dataDir = mkdtempSync(path.join(tmpdir(), 'castdeck-rewrap-'));
    for (const table of ['key_checks', 'plugin_settings']) await db().knex(table).delete();
    world = await createEngineWorld(db());
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  const keyFile = (): string => path.join(dataDir, 'app.key');
  /** What a process has that begins now: it reads the file again only when it meets a key it does not know. */
  const source = (): KeySource => keySource({ appKey: undefined, dataDir });
  const start = (): Promise<Vault> => openVault({ db: db(), keys: source(), clock: systemClock });

  const hour = 3_600_000;
  const onceRow = z.record(z.string(), z.union([z.string(), z.number(), z.null(), z.boolean()]));

  /** Every kind of secret the database holds, sealed by this process. */
  async function fill(vault: Vault): Promise<void> {
    const credentials = createCredentialService({ ...world, vault, log: world.log.log });
    for (let n = 0; n < 60; n += 1) {
      const account = { accountId: `a-${n}`, nickname: 'North', tokens: tokensUntil(world.clock.now() + 9 * hour) };
      await credentials.save({ plugin: 'fake', appKey: 'app', mode: 'live', account });
    }
    const { id: deliveryId } = await schedule({ ...world, credentials });
    const [credential_id] = z.tuple([z.number()]).parse(await db().knex('credentials').limit(1).pluck('id'));
    const attempts = Array.from({ length: 60 }, (_, at) => ({
      ...{ delivery_id: deliveryId, n: at + 1, plugin: 'fake', credential_id, revision: 1, started_at: 0 },
      progress: vault.seal('"https://upload.example.org/?secret"', progressPlace({ deliveryId, n: at + 1 })),
      outcome: at === 59 ? 'open' : 'superseded',
    }));
    await db().knex('attempts').insert(attempts);
    const at = { pluginId: 'fake', setId: 'live', fieldId: 'secret' };
    const setting = { plugin: 'fake', set_id: 'live', updated_at: 0 };
    await db()
      .knex('plugin_settings')
      .insert([
        { ...setting, field: 'secret', value: vault.seal('app-secret', secretPlace(at)), is_sealed: true },
        { ...setting, field: 'appId', value: 'plain', is_sealed: false },
      ]);
  }

  /** Opens everything. @returns how many texts each key has sealed */
  async function openAll(vault: Vault): Promise<Readonly<Record<string, number>>> {
    const counts: Record<string, number> = {};
    for (const column of sealedColumns) {
      const rows: unknown = await db()
        .knex(column.table)
        .where(column.only ?? {})
        .whereNotNull(column.column)
        .select();
      for (const row of z.array(onceRow).parse(rows)) {
        const sealed = String(row[column.column]);
        vault.open(
          sealed,
          placeIn(
            column,
            column.names.map((name) => String(row[name])),
          ),
        );
        const [keyId = ''] = sealed.split('.');
        counts[keyId] = (counts[keyId] ?? 0) + 1;
      }
    }
    return counts;
  }

  for (let trial = 1; trial <= trials; trial += 1) {
    it(`P17: seals everything anew under load, without one error, after which the old key can be removed (trial ${trial} of ${trials})`, async function () {
      this.timeout(20_000);
      await changeTheKey();
    });
  }

  async function changeTheKey(): Promise<void> {
    // Both were started with the old key alone.
    const [web, worker] = [await start(), await start()];
    await fill(web);
    const loads = [startLoad(web), startLoad(worker)];
    await Promise.all(loads.map((load) => load.turns(20)));

    const old = readFileSync(keyFile(), 'utf8').trim();
    const fresh = makeKey('k2');
    writeFileSync(keyFile(), `${fresh}\n${old}\n`);
    const first = await rewrap({ db: db(), keys: source() });
    expect(first).to.include({ keyId: 'k2' });
    expect(first.resealed).to.be.greaterThan(60);
    await Promise.all(loads.map((load) => load.turns(20)));
    const again = await rewrap({ db: db(), keys: source() });
    expect(again).to.deep.include({ left: 0, unreadable: [], retiredKeys: 1 });

    writeFileSync(keyFile(), `${fresh}\n`);
    await Promise.all(loads.map((load) => load.turns(20)));
    expect(await Promise.all(loads.map((load) => load.end()))).to.deep.equal([[], []]);
    expect(Object.keys(await openAll(await start()))).to.deep.equal(['k2']);
    expect(world.log.text()).not.to.contain('could not be read');
  }

  /** Reads and writes secrets of every kind, as the pages and the jobs do, until it is told to end. */
  function startLoad(vault: Vault): { turns(count: number): Promise<void>; end(): Promise<readonly string[]> } {
    const credentials = createCredentialService({ ...world, vault, log: world.log.log });
    world.network.refresh = () => tokensUntil(world.clock.now() + 9 * hour, randomUUID());
    const states = createOAuthStateStore(db());
    const errors: string[] = [];
    let turns = 0;
    const told = { toEnd: false };
    const turn = async (n: number): Promise<void> => {
      const ids: unknown = await db()
        .knex('credentials')
        .orderBy('id')
        .offset((n * 7) % 60)
        .limit(1)
        .select('id');
      const [{ id }] = z.tuple([z.object({ id: z.number() })]).parse(ids);
      const access = await credentials.access(id);
      const token = await access.accessToken();
      if (n % 3 === 0) await access.replace(token);
      const rows: unknown = await db()
        .knex('attempts')
        .where({ n: (n % 60) + 1 })
        .select();
      for (const row of z.array(onceRow).parse(rows)) {
        const place = progressPlace({ deliveryId: Number(row['delivery_id']), n: Number(row['n']) });
        const progress = vault.seal(vault.open(String(row['progress']), place), place);
        await db().knex('attempts').where({ id: row['id'] }).update({ progress });
      }
      const stateHash = createHash('sha256').update(randomUUID()).digest('hex');
      const place = { userId: world.actor.id, teamId: world.teamId, plugin: 'fake', channelId: null, setId: 'live' };
      const sealedVerifier = vault.seal('verifier', verifierPlace(stateHash));
      const session = { sessionHash: stateHash, inPopup: false, inWalk: false, expiresAt: 1 };
      await states.add({ ...place, ...session, stateHash, sealedVerifier });
      const found = await states.find(stateHash);
      vault.open(found?.sealedVerifier ?? '', verifierPlace(stateHash));
      await states.consume(stateHash);
      // better-sqlite3 answers at once: without this nobody else would get a turn.
      await new Promise((resolve) => setImmediate(resolve));
    };
    const running = (async () => {
      for (; !told.toEnd; turns += 1) await turn(turns).catch((error: unknown) => void errors.push(String(error)));
    })();
    return {
      async turns(count) {
        const goal = turns + count;
        while (turns < goal) await new Promise((resolve) => setTimeout(resolve, 5));
      },
      async end() {
        told.toEnd = true;
        await running;
        return errors;
      },
    };
  }

  it('P17: starts without the old key only once nothing needs it', async () => {
    await fill(await start());
    const old = readFileSync(keyFile(), 'utf8').trim();
    const fresh = makeKey('k2');
    writeFileSync(keyFile(), `${fresh}\n`);
    expect((await failureOf(start())).message).to.contain('sealed with the key "k1"');
    writeFileSync(keyFile(), `${fresh}\n${old}\n`);
    await start();
    await rewrap({ db: db(), keys: source() });
    writeFileSync(keyFile(), `${fresh}\n`);
    await start();
    // A process that nobody restarted has written with the old key since.
    const late = createVault(keySource({ appKey: old, dataDir }));
    const { credentialId } = await addChannel({
      ...world,
      credentials: createCredentialService({ ...world, vault: late, log: world.log.log }),
    });
    expect((await failureOf(start())).message).to.contain('sealed with the key "k1"');
    writeFileSync(keyFile(), `${fresh}\n${old}\n`);
    await start();
    expect(await rewrap({ db: db(), keys: source() })).to.include({ resealed: 2, left: 0, retiredKeys: 1 });
    expect(credentialId).to.be.greaterThan(0);
  });

  it('names what no key opens, leaves it as it is, and forgets no key', async () => {
    await fill(await start());
    const old = readFileSync(keyFile(), 'utf8').trim();
    writeFileSync(keyFile(), `${makeKey('k2')}\n${old}\n`);
    await db().knex('plugin_settings').where({ field: 'secret' }).update({ value: 'k1.nonsense' });
    await db().knex('attempts').where({ n: 60 }).update({ progress: 'nonsense' });
    await start();
    const result = await rewrap({ db: db(), keys: source() });
    expect(result).to.deep.include({ left: 0, retiredKeys: 0 });
    expect(result.unreadable).to.have.lengthOf(2).and.to.include('plugin_settings.value of fake/live/secret');
    expect(await db().knex('plugin_settings').where({ field: 'secret' }).pluck('value')).to.deep.equal(['k1.nonsense']);
  });
});
