import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readConfig } from '../../../core/config.ts';
import { createPino } from '../../../core/log/logger.ts';
import { createPanel, type Panel } from '../../../core/panel.ts';
import { discoverPlugins, ownPlugins } from '../../../core/plugin-host/discover.ts';
import { standardTimings } from '../../../core/timings.ts';
import { createRunningClock } from '../../support/clock.ts';
import { createEngineWorld, schedule } from '../../support/engine-world.ts';
import { startMariaDb } from '../../support/mariadb.ts';
import { needs } from '../../support/needs.ts';
import { until } from '../../support/until.ts';

const day = 86_400_000;

/** Looks as often as a test has patience for; the heart beats once however slow the machine is, and the purge, hourly, looks once. */
const timings = {
  ...standardTimings,
  ...{ idlePollMs: 20, rescueMs: 20, refreshEveryMs: 20, seedEveryMs: 20, mailLookMs: 20, accessLookMs: 20 },
  heartbeatMs: day,
};

describe('The worker of an installation that has nothing to do', () => {
  let folder: string;
  let panel: Panel;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'castdeck-idle-'));
  });
  afterEach(async () => {
    await panel.close();
    await rm(folder, { recursive: true });
  });

  const open = async (environment: Readonly<Record<string, string>>): Promise<void> => {
    const plugins = await discoverPlugins([ownPlugins]);
    const mail = { SMTP_URL: 'smtp://127.0.0.1:9', MAIL_FROM: 'panel@example.org' };
    const config = readConfig({ DATA_DIR: folder, PUBLIC_URL: 'http://localhost', ...mail, ...environment }, plugins);
    panel = await createPanel(config, { plugins, timings, migrates: true, log: createPino({ level: 'silent' }) });
    const clock = { ...createRunningClock(), set: () => undefined };
    const world = await createEngineWorld(panel.base.db, timings, clock);
    for (let n = 0; n < 5; n += 1) await schedule(world, { inMs: day });
  };

  const looksAndWritesNothing = async (): Promise<void> => {
    const { knex } = panel.base.db;
    const asked: string[] = [];
    knex.on('query', ({ sql }: { readonly sql: string }) => void asked.push(sql));
    const looks = (at: RegExp): number => asked.filter((sql) => at.test(sql)).length;
    await panel.startWorker();
    const often = [/from `credentials`/, /from `notification_recipients`/, /from `channels`/, /from jobs as/];
    await until(() => often.every((place) => looks(place) >= 5), 'each has been looked at five times');
    for (const once of [/from `sessions`/, /^select `id` from `notifications`/, /^select `id` as `k` from `workers`/])
      expect(looks(once)).to.equal(1);
    const [heartbeat, ...writes] = asked.filter((sql) => !sql.startsWith('select '));
    expect(heartbeat).to.match(/^insert into `workers`/);
    expect(writes).to.deep.equal([]);
    expect(await knex('jobs').distinct('kind', 'state')).to.deep.equal([
      { kind: 'publish-delivery', state: 'waiting' },
    ]);
  };

  it('only reads, on SQLite', async () => {
    await open({});
    await looksAndWritesNothing();
  });

  describe('on MariaDB', () => {
    before(needs('mariadbd'));

    it('only reads', async function () {
      this.timeout(30_000);
      const server = await startMariaDb();
      try {
        await open({ DATABASE_URL: server.url });
        await looksAndWritesNothing();
      } finally {
        await server.stop();
      }
    });
  });
});
