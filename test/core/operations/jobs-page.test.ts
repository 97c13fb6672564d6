import { expect } from 'chai';
import { onEachDatabase } from '../../support/each-database.ts';
import { addMember, createMember, createTeam } from '../../support/factories.ts';
import { addDelivery } from './delivery-rows.ts';
import { addJob, addWorker, openOperations, type OperationsWorld } from './operations-world.ts';

const minute = 60_000;

onEachDatabase('Jobs', (db) => {
  let world: OperationsWorld;
  let now = 0;
  const show = async (query = '') => (await world.browser.get(`/admin/jobs${query}`).expect(200)).text;
  beforeEach(async () => {
    world = await openOperations(db());
    now = world.web.clock.now();
  });

  it('are for admins alone', async () => {
    const owner = await createMember(db(), { team: await createTeam(db()), role: 'owner' });
    const browser = await world.web.signIn(owner);
    for (const path of ['/admin/jobs', '/admin/jobs/now']) expect((await browser.get(path)).status).to.equal(403);
    const id = await addJob(db(), { state: 'failed' });
    expect((await browser.post(`/admin/jobs/${id}/retry`)).status).to.equal(403);
    expect((await world.web.stranger().get('/admin/jobs')).headers['location']).to.contain('/sign-in');
  });

  it('say what belongs there while there are none, and that no worker is running', async () => {
    const page = await show();
    expect(page).to.contain('No worker is running.').and.to.contain('Nothing waits');
    for (const words of ['No worker has been here lately', 'No network was called', 'No window is in use']) {
      expect(page).to.contain(words);
    }
    expect(await show('?state=failed')).to.contain('No job has failed');
    expect(await show('?state=running')).to.contain('Nothing is running now');
    expect(await show('?state=sleeping&kind=nothing&after=x')).to.contain('Nothing waits');
  });

  it('tell how many wait, are due, are tried again, run and failed, and how late the oldest is', async () => {
    await addWorker(db(), { seenAt: now - 5_000 });
    await addJob(db(), { runAt: now - 3 * minute });
    await addJob(db(), { runAt: now - minute, failures: 2 });
    await addJob(db(), { runAt: now + minute });
    await addJob(db(), { state: 'running', owner: 'worker-4711' });
    await addJob(db(), { state: 'failed' });
    await addJob(db(), { state: 'finished' });
    const page = await show();
    expect(factsOf(page)).to.include({ Waiting: '3', 'Due now': '2', 'Tried again': '1', Running: '1', Failed: '1' });
    expect(factsOf(page)).to.include({ Lag: '3 min', 'Slots in use': '3 of 10' });
    expect(page).to.contain('Jobs are 3 min late.').and.to.contain('1 job has given up.');
    expect(page).to.contain('5 seconds ago').and.to.contain('At work');
    expect(await show('?state=running')).to.contain('Running on desk-1 4711');
  });

  it('tell a silent worker from one at work, and what each knows of the networks', async () => {
    const breaker = { host: 'open.example', state: 'open', calls: 24, failed: 20, probeAt: now + 20_000 };
    await addWorker(db(), { seenAt: now - 10_000, facts: { breakers: [breaker] } });
    await addWorker(db(), {
      seenAt: now - 46_000,
      pid: 4_712,
      facts: { breakers: [{ ...breaker, host: 'old.example' }] },
    });
    const page = await show();
    expect(page)
      .to.match(/data-worker="4711"[^]*?At work/)
      .and.to.match(/data-worker="4712"[^]*?Silent/);
    expect(page).to.contain('data-host="open.example" data-breaker="open"').and.to.contain('does not answer');
    expect(page, 'a silent worker knows nothing of now').not.to.contain('old.example');
  });

  it('tell which windows of calls are in use and which are full, and each endpoint’s calls of a day', async () => {
    const window = { name: 'video/init', places_limit: 2, within_ms: minute, version: 1, empty_at: now + minute };
    const places = (...ages: number[]) => JSON.stringify(ages.map((age) => [now - age, null]));
    await db()
      .knex('call_windows')
      .insert([
        { ...window, bucket: 'a', places: places(2 * minute, 50_000, 40_000) },
        { ...window, bucket: 'b', places: places(10_000) },
        { ...window, bucket: 'c', places: places(2 * minute) },
      ]);
    const count = { plugin: 'paperboy', endpoint: 'POST /v1/print', calls: 4, refused: 1, failed: 0 };
    const hour = 60 * minute;
    await db()
      .knex('call_counts')
      .insert([now - hour, now - 2 * hour, now - 30 * hour].map((at) => ({ ...count, hour: at })));
    const page = await show();
    expect(cellsAfter(page, 'data-window="video/init"')).to.deep.equal([
      'video/init',
      '2',
      '1',
      '2 of 2',
      clock(now + 10_001),
    ]);
    expect(cellsAfter(page, '<tr><td class="main"><code class="cd-jobs-endpoint"')).to.deep.equal([
      ...['POST /v1/print', 'paperboy', '8', '2', '0'],
    ]);
  });

  it('lead from a delivery’s job to its post, for those who are in its team', async () => {
    const team = await createTeam(db(), { name: 'Harbour Cycles' });
    const { deliveryId, postId } = await addDelivery(db(), team.id);
    const id = await addJob(db(), { kind: 'publish-delivery', key: String(deliveryId), runAt: now + minute });
    const outside = await show();
    expect(outside).to.contain(`Post ${postId}, Harbour Cycles`).and.not.to.contain(`href="/team/${team.id}/posts`);
    expect(outside, 'it is decided at its post').not.to.contain(`/admin/jobs/${id}/`);
    await addMember(db(), { team, person: world.admin, role: 'viewer' });
    expect(await show()).to.contain(`href="/team/${team.id}/posts/${postId}"`);
  });

  it('are filtered by state and kind', async () => {
    await addJob(db(), { kind: 'purge', key: 'all' });
    await addJob(db(), { kind: 'paperboy:sync', key: '1' });
    const failed = await addJob(db(), {
      kind: 'paperboy:sync',
      key: '2',
      state: 'failed',
      lastError: 'token=abcdef123456',
    });
    expect(idsOn(await show('?kind=purge'))).to.have.length(1);
    const page = await show('?state=failed&kind=paperboy%3Async');
    expect(idsOn(page)).to.deep.equal([failed]);
    expect(page).to.contain('token=[redacted]').and.not.to.contain('abcdef123456');
    expect(page).to.contain('<option value="paperboy:sync" selected>').and.to.contain('<option value="purge">');
    expect(await show('?state=failed&kind=purge')).to.contain('No failed job of this kind');
  });

  it('page by key in both directions: every job once, none twice', async () => {
    const rows = Array.from({ length: 60 }, (_, n) => ({
      ...{ kind: 'paperboy:sync', key: `k${n}`, payload: '{}', state: 'waiting' },
      ...{ run_at: now + Math.floor(n / 3), created_at: 0, updated_at: 0 },
    }));
    await db().knex.batchInsert('jobs', rows, 60);
    let page = await show();
    const pages = [idsOn(page)];
    for (let next = link(page, 'next'); next !== undefined; next = link(page, 'next')) {
      page = await show(next);
      pages.push(idsOn(page));
    }
    expect(pages.map(({ length }) => length)).to.deep.equal([25, 25, 10]);
    expect(new Set(pages.flat()).size).to.equal(60);
    page = await show(link(page, 'prev'));
    expect(idsOn(page)).to.deep.equal(pages[1]);
    page = await show(link(page, 'prev'));
    expect(idsOn(page)).to.deep.equal(pages[0]);
    expect(link(page, 'prev')).to.equal(undefined);
  });
});

function factsOf(page: string): Readonly<Record<string, string>> {
  const pairs = [...page.matchAll(/<dt>([^<]+)<\/dt><dd>([^<]*)/g)];
  return Object.fromEntries(pairs.map(([, label = '', value = '']) => [label, value]));
}

/** The words of each cell of the row that begins so. */
function cellsAfter(page: string, start: string): readonly string[] {
  const row = page.slice(page.indexOf(start)).split('</tr>', 1)[0] ?? '';
  return [...row.matchAll(/<td[^>]*>(.*?)<\/td>/g)].map(([, cell = '']) => cell.replaceAll(/<[^>]+>/g, ''));
}

function clock(at: number): string {
  return new Date(at).toISOString().slice(11, 19);
}

function idsOn(page: string): readonly number[] {
  return [...page.matchAll(/<tr data-job="(\d+)"/g)].map(([, id]) => Number(id));
}

function link(page: string, rel: 'next' | 'prev'): string | undefined {
  return new RegExp(`href="/admin/jobs(\\?[^"]*)" rel="${rel}"`).exec(page)?.[1]?.replaceAll('&amp;', '&');
}
