import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import type { PluginHost } from '#plugin-api';
import type { Database } from '../../../core/db/database.ts';
import { activatePlugins } from '../../../core/plugin-host/activate.ts';
import { complaintsAboutParts } from '../../../core/plugin-host/check-parts.ts';
import { createPluginHost, ownTable } from '../../../core/plugin-host/host.ts';
import { createPluginHttp } from '../../../core/plugin-host/http.ts';
import { createPluginRegistry } from '../../../core/plugin-host/plugin-registry.ts';
import { createJobQueue } from '../../../core/queue/job-queue.ts';
import { createPluginJobs } from '../../../core/queue/plugin-jobs.ts';
import { createTestClock } from '../../support/clock.ts';
import { openTestDatabase } from '../../support/database.ts';
import { failureOf } from '../../support/failure.ts';
import { recordingLog } from '../../support/log.ts';
import { plugin } from '../../support/plugins/paperboy/index.ts';

const migrations = path.resolve('test/support/plugins/paperboy/migrations');

describe('the host of a plugin', () => {
  let db: Database;
  let dataDir: string;
  let host: PluginHost;
  const clock = createTestClock();

  beforeEach(async () => {
    db = await openTestDatabase({ folders: [{ owner: 'paperboy', folder: migrations }] });
    dataDir = mkdtempSync(path.join(tmpdir(), 'castdeck-host-'));
    host = createPluginHost(plugin, {
      db,
      dataDir,
      clock,
      jobs: createPluginJobs('paperboy', createJobQueue({ db, clock })),
      log: recordingLog().log,
      t: (key) => key,
      publicUrl: 'https://panel.example.org',
      settings: {
        isEnabled: () => Promise.resolve(true),
        active: () => Promise.resolve(undefined),
        complete: () => Promise.resolve([]),
        findByAppKey: () => Promise.resolve(undefined),
        address: () => 'https://paperboy.example',
        notes: () =>
          Promise.resolve({ state: undefined, isAudited: undefined, testers: [], testersNotedAt: undefined }),
        withdraw: () => Promise.resolve(),
      },
      channels: {
        find: () => Promise.resolve(undefined),
        all: () => Promise.resolve([]),
        access: () => Promise.reject(new Error('none')),
        update: () => Promise.resolve(),
      },
      mediaLinks: { prefix: 'https://panel.example.org/m/', isPublic: true, make: () => '' },
      deliveries: {
        wake: () => Promise.resolve(),
        findByRemoteIds: () => Promise.resolve(new Map()),
        linkless: () => Promise.resolve({ posts: [], linkedIds: new Set() }),
        rivals: () => Promise.resolve({ posts: [], linkedIds: new Set() }),
        linkFound: () => Promise.resolve(),
      },
    });
  });
  afterEach(async () => {
    await db.close();
    rmSync(dataDir, { recursive: true });
  });

  it('computes the addresses that people register at the network', () => {
    expect(host.urls).to.deep.equal({
      publicUrl: 'https://panel.example.org',
      callbackUrl: 'https://panel.example.org/app/paperboy/profile',
      webhookUrl: 'https://panel.example.org/webhooks/paperboy',
    });
  });

  it('S46: reaches the plugin’s own tables and no other', async () => {
    await host.transaction(async (table) => {
      await table('prints').insert({ reference: 'r1', channel_id: 1, line: 'x', printed_at: 1 });
    });
    expect(await host.table('prints').select('reference')).to.deep.equal([{ reference: 'r1' }]);
    for (const name of ['x as y, users', '../users', 'prints; drop table users', '']) {
      expect(() => host.table(name), name).to.throw('is not the name of a table');
    }
    expect((await failureOf(Promise.resolve(host.table('users').select('id')))).message).to.contain('paperboy_users');
  });

  it('reads a table by the index that a plugin names, where the database has to be told', () => {
    const read = host.table('prints', { index: 'prints_by_date' }).select('reference').toSQL().sql;
    expect(read).to.equal('select `reference` from `paperboy_prints`');
    const told = ownTable('paperboy', { knex: db.knex, kind: 'mysql' }, { name: 'prints', index: 'prints_by_date' });
    expect(told.select('reference').toSQL().sql).to.equal(
      'select `reference` from `paperboy_prints` force index (`prints_by_date`)',
    );
  });

  it('rolls a transaction back as a whole', async () => {
    const work = host.transaction(async (table) => {
      await table('prints').insert({ reference: 'r1', channel_id: 1, line: 'x', printed_at: 1 });
      throw new Error('second thoughts');
    });
    expect((await failureOf(work)).message).to.equal('second thoughts');
    expect(await host.table('prints').select('id')).to.deep.equal([]);
  });

  it('puts jobs into the queue under the plugin’s own name', async () => {
    await host.jobs.enqueue({ kind: 'count', key: '7', payload: null, runAt: 5 });
    expect(await db.knex('jobs').select('kind', 'key')).to.deep.equal([{ kind: 'paperboy:count', key: '7' }]);
  });

  it('gives a folder of its own under the data folder', () => {
    expect(host.folder).to.equal(path.join(dataDir, 'plugins/paperboy'));
  });

  it('activates a plugin whose parts are whole, and names what another lacks', async () => {
    const registry = createPluginRegistry();
    await activatePlugins([{ plugin }], registry, () => host);
    expect(registry.get('paperboy').parts.origins).to.deep.equal({ formAction: ['https://paperboy.example'] });
    expect(() => registry.get('other')).to.throw('There is no network "other"');

    const whole = await plugin.activate(host);
    expect(complaintsAboutParts(whole)).to.deep.equal([]);
    expect(
      complaintsAboutParts({ ...whole, origins: { formAction: ["https://x.example; script-src 'unsafe-inline'"] } }),
    ).to.have.length(1);
    const broken = {
      ...plugin,
      activate: () => ({ ...whole, jobs: [{ kind: 'Bad:Kind', run: () => Promise.resolve({ done: true } as const) }] }),
    };
    const failing = { ...plugin, id: 'other', activate: () => Promise.reject(new Error('no ink')) };
    const { message } = await failureOf(
      activatePlugins([{ plugin: broken }, { plugin: failing }], createPluginRegistry(), () => host),
    );
    expect(message).to.contain('paperboy: jobs.0.kind: must be a name').and.contain('other: activate() failed: no ink');
  });
});

describe('the HTTP client of a plugin', () => {
  let server: Server;
  let url: string;
  let asked: number;

  beforeEach(async () => {
    asked = 0;
    server = createServer((request, response) => {
      asked += 1;
      if (request.url === '/moved') response.writeHead(302, { location: '/' });
      else if (request.url === '/refused') response.writeHead(401);
      if (request.url !== '/silent') response.end('canary-answer');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it('S27: connects to no private address, by number or by name, whatever agents and proxies it is given', async () => {
    const client = createPluginHttp({ mayCallLoopback: false }).create({ timeout: 2_000 });
    const { port } = new URL(url);
    for (const host of ['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '0', '[::1]', '[::ffff:127.0.0.1]']) {
      const failure = await failureOf(
        client.get(`http://${host}:${port}/`, {
          httpAgent: undefined,
          proxy: { host: '127.0.0.1', port: Number(port) },
        }),
      );
      expect(failure.name, host).to.equal('RequestFailed');
    }
    for (const host of ['169.254.169.254', '10.0.0.1', '[fd00::1]']) {
      expect((await failureOf(client.get(`http://${host}/`))).name).to.equal('RequestFailed');
    }
    expect(asked).to.equal(0);
  });

  it('S27: calls loopback, but no other private address, while the network’s API is there', async () => {
    const client = createPluginHttp({ mayCallLoopback: true }).create({});
    expect((await client.get<string>(url)).data).to.equal('canary-answer');
    expect((await failureOf(client.get('http://10.0.0.1/', { timeout: 500 }))).message).to.not.contain('ECONNABORTED');
  });

  it('S27: follows no redirect', async () => {
    const client = createPluginHttp({ mayCallLoopback: true }).create({ validateStatus: () => true });
    expect((await client.get(`${url}/moved`, { maxRedirects: 5 })).status).to.equal(302);
    expect(asked).to.equal(1);
  });

  it('S41: ends in an error that holds neither token nor answer', async () => {
    const client = createPluginHttp({ mayCallLoopback: true }).create({
      headers: { Authorization: 'Bearer canary-token' },
    });
    const failure = await failureOf(client.post(`${url}/refused`, 'canary-body'));
    expect(failure).to.include({ name: 'RequestFailed', code: 'ERR_BAD_REQUEST', status: 401 });
    const everything = Object.getOwnPropertyNames(failure).map((name) => String(Reflect.get(failure, name)));
    expect(everything.join()).to.not.contain('canary');
    expect(failure.cause).to.equal(undefined);
  });

  it('ends a call that gets no answer', async () => {
    const client = createPluginHttp({ mayCallLoopback: true }).create({ timeout: 50 });
    expect(await failureOf(client.get(`${url}/silent`))).to.include({ code: 'ECONNABORTED', status: undefined });
  });
});
