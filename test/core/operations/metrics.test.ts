import { expect } from 'chai';
import type { Database } from '../../../core/db/database.ts';
import { metricsText } from '../../../core/operations/metrics.ts';
import type { Snapshot } from '../../../core/operations/snapshot.ts';
import { openTestDatabase } from '../../support/database.ts';
import { addJob, addWorker, openOperations } from './operations-world.ts';

const token = 'a-token-of-enough-letters';

describe('/metrics', () => {
  let db: Database;
  beforeEach(async () => {
    db = await openTestDatabase();
  });
  afterEach(() => db.close());

  it('tells in the text format of Prometheus what the page tells', async () => {
    const { web } = await openOperations(db);
    const now = web.clock.now();
    await addJob(db, { runAt: now - 90_500, failures: 1 });
    await addJob(db, { state: 'failed' });
    await addWorker(db, { seenAt: now - 2_000, facts: { breakers: [{ host: 'api.example', state: 'open' }] } });
    await addWorker(db, { seenAt: now - 90_000, pid: 4_712 });
    await db.knex('call_counts').insert({
      ...{ plugin: 'paperboy', endpoint: 'POST /v1/print', hour: now - 3_600_000 },
      ...{ calls: 9, refused: 2, failed: 3 },
    });
    const answer = await web.stranger().get('/metrics');
    expect([answer.status, answer.headers['content-type']]).to.deep.equal([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ]);
    for (const line of [
      '# TYPE castdeck_jobs gauge',
      'castdeck_jobs{state="waiting"} 1',
      'castdeck_jobs{state="failed"} 1',
      'castdeck_jobs_due 1',
      'castdeck_jobs_retrying 1',
      'castdeck_jobs_lag_seconds 90.5',
      'castdeck_workers 1',
      'castdeck_worker_heartbeat_age_seconds{worker="desk-1:4712"} 90',
      'castdeck_worker_slots_in_use{worker="desk-1:4711"} 3',
      'castdeck_breaker_open{host="api.example",worker="desk-1:4711"} 1',
      'castdeck_network_calls_24h{plugin="paperboy",endpoint="POST /v1/print",result="answered"} 4',
      'castdeck_network_calls_24h{plugin="paperboy",endpoint="POST /v1/print",result="failed"} 3',
    ]) {
      expect(answer.text.split('\n')).to.include(line);
    }
  });

  it('has only lines that the format knows, whatever stands in a label', () => {
    const host = 'a"b\\c\nd';
    const worker = { host, pid: 1 };
    const text = metricsText({
      ...nothing,
      breakers: [{ worker, host, state: 'closed', calls: 0, failed: 0, probeAt: null }],
    });
    expect(text).to.contain('castdeck_breaker_open{host="a\\"b\\\\c\\nd",worker="a\\"b\\\\c\\nd:1"} 0');
    const label = String.raw`[a-z_]+="(?:[^"\\\n]|\\["\\n])*"`;
    const sample = new RegExp(`^[a-z_0-9]+(\\{${label}(,${label})*\\})? \\d+(\\.\\d+)?$`);
    for (const line of text.trimEnd().split('\n')) {
      if (!line.startsWith('# HELP ') && !line.startsWith('# TYPE ')) expect(line).to.match(sample);
    }
    expect(text.endsWith('\n')).to.equal(true);
  });

  it('names each series once, although a killed worker comes back with its name and number', () => {
    const worker = { id: 'b', host: 'castdeck', pid: 1, startedAt: 0, seenAt: 90_000, isSilent: false };
    const workers = [
      { ...worker, slots: 10, slotsInUse: 2 },
      { ...worker, id: 'a', seenAt: 0, isSilent: true, slots: 10, slotsInUse: 9 },
    ];
    const text = metricsText({ ...nothing, at: 90_000, workers });
    expect(text.match(/heartbeat_age_seconds\{worker="castdeck:1"\} .*/g)).to.deep.equal([
      'heartbeat_age_seconds{worker="castdeck:1"} 0',
    ]);
    expect(text.match(/slots_in_use\{.*/g)).to.deep.equal(['slots_in_use{worker="castdeck:1"} 2']);
  });

  it('answers whoever sends the token, by whatever name the machine is asked', async () => {
    const { web } = await openOperations(db, { metricsToken: token });
    const ask = (authorization?: string) => {
      const request = web.stranger().get('/metrics').set('Host', '10.0.0.7:3000').set('X-Forwarded-For', '203.0.113.9');
      return authorization === undefined ? request : request.set('Authorization', authorization);
    };
    expect((await ask(`Bearer ${token}`)).status).to.equal(200);
    for (const wrong of [undefined, 'Bearer', `Bearer ${token}x`, `Basic ${token}`, token]) {
      const answer = await ask(wrong);
      expect([answer.status, answer.headers['www-authenticate']], wrong).to.deep.equal([401, 'Bearer']);
      expect(answer.text).not.to.contain('castdeck_');
    }
  });

  it('answers this machine alone without a token, and nobody through a proxy on it', async () => {
    const { web } = await openOperations(db, { publicUrl: 'https://panel.example.org' });
    const ask = (headers: Readonly<Record<string, string>>) => web.stranger().get('/metrics').set(headers);
    for (const Host of ['127.0.0.1:3000', 'localhost:3000', '[::1]:3000']) {
      expect((await ask({ Host })).status, Host).to.equal(200);
    }
    const Host = '127.0.0.1:3000';
    for (const headers of [
      { Host: 'panel.example.org' },
      { Host: 'localhost.evil.example' },
      { Host, 'X-Forwarded-For': '127.0.0.1' },
      { Host, 'X-Real-IP': '203.0.113.9' },
      { Host, Forwarded: 'for=203.0.113.9' },
    ]) {
      const answer = await ask(headers);
      expect(answer.status, JSON.stringify(headers)).to.equal(403);
      expect(answer.text).to.contain('METRICS_TOKEN').and.not.to.contain('castdeck_');
    }
  });

  it('gives nobody a session', async () => {
    const { web } = await openOperations(db);
    expect((await web.stranger().get('/metrics')).headers['set-cookie']).to.equal(undefined);
  });
});

const nothing: Snapshot = {
  at: 0,
  jobs: { waiting: 0, due: 0, retrying: 0, running: 0, failed: 0 },
  oldestDueAt: null,
  lagMs: 0,
  workers: [],
  breakers: [],
  windows: [],
  calls: [],
};
