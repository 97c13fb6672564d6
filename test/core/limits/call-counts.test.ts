import { expect } from 'chai';
import { RequestFailed } from '#plugin-api';
import { createBreakers } from '../../../core/limits/breakers.ts';
import { createCallCounts } from '../../../core/limits/call-counts.ts';
import { createCallWatch } from '../../../core/limits/call-watch.ts';
import type { Database } from '../../../core/db/database.ts';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { failureOf } from '../../support/failure.ts';
import { recordingLog } from '../../support/log.ts';

const hour = Date.UTC(2026, 10, 21, 12);

onEachDatabase('Calls to a network', (db) => {
  let clock: TestClock;
  beforeEach(() => {
    clock = createTestClock(hour);
  });
  const counter = (of: Database = db()) => createCallCounts({ db: of, clock, log: recordingLog().log });
  const stored = () => db().knex('call_counts').orderBy(['hour', 'endpoint']).select();

  it('are added up by endpoint and hour, over all processes', async () => {
    const [one, other] = [counter(), counter()];
    const info = { plugin: 'fake', endpoint: 'POST /v2/info/' };
    one.add({ ...info, end: 'answered' });
    one.add({ ...info, end: 'refused' });
    other.add({ ...info, end: 'failed' });
    other.add({ ...info, endpoint: 'PUT upload.example', end: 'answered' });
    await Promise.all([one.flush(), other.flush()]);
    clock.advance(3_600_000);
    one.add({ ...info, end: 'answered' });
    await one.flush();
    await one.flush();
    expect(await stored()).to.deep.equal([
      { ...info, hour, calls: 3, refused: 1, failed: 1 },
      { plugin: 'fake', endpoint: 'PUT upload.example', hour, calls: 1, refused: 0, failed: 0 },
      { ...info, hour: hour + 3_600_000, calls: 1, refused: 0, failed: 0 },
    ]);
  });

  it('are kept while the database is away', async () => {
    let isAway = true;
    const transaction: Database['transaction'] = (work) =>
      isAway ? Promise.reject(new Error('away')) : db().transaction(work);
    const counts = counter({ ...db(), transaction });
    counts.add({ plugin: 'fake', endpoint: 'GET /a/', end: 'answered' });
    await counts.flush();
    counts.add({ plugin: 'fake', endpoint: 'GET /a/', end: 'answered' });
    isAway = false;
    const running = counts.start(60_000);
    await running.stop();
    expect(await stored())
      .to.have.lengthOf(1)
      .and.to.have.nested.property('[0].calls', 2);
  });
});

describe('What stands around a call to a network', () => {
  const clock = createTestClock();
  const counted: string[] = [];
  const watching = () =>
    createCallWatch({
      plugin: 'fake',
      apiHosts: ['api.example'],
      breakers: createBreakers({ clock, random: () => 0 }),
      counts: { add: ({ endpoint, end }) => void counted.push(`${endpoint} ${end}`) },
    });
  beforeEach(() => void counted.splice(0));

  it('counts a path of the API without ids, and other hosts by their name', async () => {
    const watch = watching();
    for (const address of [
      'https://api.example/v2/post/publish/video/init/?fields=a',
      'https://api.example/v2/posts/7392817263545/comments/12',
      'https://api.example/v2/of/AbCdEfGhIjKlMnOpQrStUvWxYzAbCdEfGhIjKlMn/',
      'https://upload.example/video/?upload_id=1&upload_token=secret',
    ]) {
      (await watch.begin({ method: 'POST', url: new URL(address) }))('answered');
    }
    (await watch.begin({ method: 'GET', url: new URL('https://api.example/') }))('stopped');
    expect(counted).to.deep.equal([
      'POST /v2/post/publish/video/init/ answered',
      'POST /v2/posts/:id/comments/:id answered',
      'POST /v2/of/:id/ answered',
      'POST upload.example answered',
    ]);
  });

  it('sends nothing to a host that does not answer, and says when to come again', async () => {
    const watch = watching();
    const url = new URL('https://api.example/a/');
    for (let n = 0; n < 20; n += 1) (await watch.begin({ method: 'GET', url }))('failed');
    expect(await failureOf(watch.begin({ method: 'GET', url })))
      .to.be.instanceOf(RequestFailed)
      .that.includes({ code: 'ERR_BREAKER_OPEN', retryAt: clock.now() + 30_000 });
    expect(counted).to.have.lengthOf(20);
    const other = watching();
    for (let n = 0; n < 20; n += 1) (await other.begin({ method: 'GET', url }))('refused');
    // Refusals are answers.
    (await other.begin({ method: 'GET', url }))('refused');
  });
});
