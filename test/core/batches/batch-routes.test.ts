import { expect } from 'chai';
import { createTeam } from '../../support/factories.ts';
import { createVideo, signInAs } from '../posts/posts-world.ts';
import { declaration, makeTable, openBatchesWorld, refs, type BatchesWorld, type Table } from './batches-world.ts';

describe('the table of a batch', () => {
  let world: BatchesWorld;
  before(async function () {
    this.timeout(60_000);
    world = await openBatchesWorld();
  });
  after(() => world.close());

  const planned = async (table: Table, from = '2026-12-10') => {
    const fields = { rows: refs(table.postIds), fill: 'pattern', from, times: ['07:30', '18:00'], weekdays: '1' };
    return world.browser.post(`${table.address}/times`, fields);
  };
  const options = ({ channel }: Table, audience = 'everyone') => ({
    groups: String(channel.id),
    [`options.${channel.id}.audience`]: audience,
  });
  const press = (table: Table, more: Readonly<Record<string, string>> = {}) =>
    world.browser.post(`${table.address}/schedule`, {
      ...{ nonce: 'a'.repeat(32), rows: refs(table.postIds, 2) },
      ...{ ...declaration, ...options(table), ...more },
    });
  const rowsOf = (table: Table) => world.posts.findMany(world.team.id, table.postIds);

  it('makes a draft of each file that arrives, with the channels of the batch and no words of ours.', async () => {
    const table = await makeTable(world, 2);
    const page = await world.browser.get(table.address);
    expect(page.text).to.include('2 videos');
    expect(page.text).to.include('bun-0.mp4');
    const posts = await rowsOf(table);
    expect(posts.map(({ state, caption }) => [state, caption])).to.deep.equal([
      ['draft', ''],
      ['draft', ''],
    ]);
    expect((await world.desk.ofPost(world.team.id, table.postIds[0] ?? 0)).map((one) => one.channelId)).to.deep.equal([
      table.channel.id,
    ]);
  });

  it('marks the rows of photos, for what networks have to say about them alone.', async () => {
    const table = await makeTable(world, 2);
    await world.db.knex('media').where({ file_name: 'bun-1.mp4' }).update({ kind: 'picture', duration_ms: null });
    const { text } = await world.browser.get(table.address);
    await world.db.knex('media').where({ kind: 'picture' }).update({ kind: 'video', duration_ms: 12_000 });
    const [video = '', photos = ''] = text.match(/<tr data-row[^>]*>/g) ?? [];
    expect(photos).to.include('data-files="photos"');
    expect(video).not.to.include('data-files');
  });

  it('makes one row of a file that is told twice.', async () => {
    const table = await makeTable(world, 0);
    const video = await createVideo(world.db, { team: world.team });
    for (let n = 0; n < 2; n += 1) await world.browser.post(`${table.address}/rows`, { media: String(video.id) });
    expect((await world.batches.page(world.team.id, table.id, 1)).total).to.equal(1);
  });

  it('keeps what is typed in a row, and tells the second of two tabs, losing nothing.', async () => {
    const table = await makeTable(world, 1);
    const [row] = table.postIds;
    const first = await world.browser.post(`${table.address}/rows/${row}`, {
      version: '1',
      caption: 'Butter,\ntwo ways',
    });
    expect(first.status).to.equal(200);
    expect(first.text).to.include('data-version="2"');
    const second = await world.browser.post(`${table.address}/rows/${row}`, { version: '1', caption: 'Other words' });
    expect(second.status).to.equal(409);
    expect(second.text).to.include('Butter,\ntwo ways').and.to.include('data-version="2"');
    expect((await rowsOf(table))[0]?.caption).to.equal('Butter,\ntwo ways');
  });

  it('uses file names as captions only where asked, and only where there are no words yet.', async () => {
    const table = await makeTable(world, 2);
    const [first] = table.postIds;
    await world.browser.post(`${table.address}/rows/${first}`, { version: '1', caption: 'My own words' });
    await world.browser.post(`${table.address}/captions`, { rows: `${first}:2,${table.postIds[1]}:1` });
    expect((await rowsOf(table)).map(({ caption }) => caption)).to.deep.equal(['My own words', 'bun 1']);
  });

  it('fills the chosen rows from top to bottom, and says when the last one goes out.', async () => {
    const table = await makeTable(world, 3);
    const query = 'fill=pattern&from=2026-12-10&times=07:30,18:00&weekdays=1&count=3';
    const end = await world.browser.get(`${table.address}/times?${query}`);
    expect(end.text).to.include('Fill 3 rows').and.to.include('ends Friday 11 December');
    expect((await planned(table)).text).to.include('3 rows have their times.');
    expect((await rowsOf(table)).map(({ planned: { date, time } }) => `${date} ${time}`)).to.deep.equal([
      '2026-12-10 07:30',
      '2026-12-10 18:00',
      '2026-12-11 07:30',
    ]);
  });

  it('P9: tells in the row what the clocks make of its time.', async () => {
    const table = await makeTable(world, 1);
    await world.browser.post(`${table.address}/options`, options(table));
    const times = { version: '1', date: '2027-03-28', time: '02:30' };
    await world.browser.post(`${table.address}/rows/${table.postIds[0]}`, times);
    const checks = await world.browser.get(`${table.address}/checks?rows=${refs(table.postIds, 2)}`);
    expect(checks.text).to.include('03:00').and.to.include('data-tone="warn"');
  });

  it('gives each row the next free posting slot, and says where there is none.', async () => {
    const table = await makeTable(world, 2);
    const none = await world.browser.post(`${table.address}/times`, { rows: refs(table.postIds), fill: 'slots' });
    expect(none.text).to.include('2 rows found no free slot');
    await world.db.knex('posting_slots').insert({ channel_id: table.channel.id, weekday: 1, wall_time: '09:00' });
    for (let press = 1; press <= 2; press += 1) {
      await world.browser.post(`${table.address}/times`, { rows: refs(table.postIds, press), fill: 'slots' });
      const dates = (await rowsOf(table)).map((post) => post.planned.date);
      expect(dates, 'a second press changes nothing').to.deep.equal(['2026-11-23', '2026-11-30']);
    }
  });

  it('says what is missing once for the batch, and what does not fit at its row.', async () => {
    const table = await makeTable(world, 2);
    await planned(table);
    await world.browser.post(`${table.address}/rows/${table.postIds[1]}`, { version: '2', date: '', time: '' });
    const checks = await world.browser.get(`${table.address}/checks?rows=${refs(table.postIds)}`);
    expect(checks.text).to.include(`data-check-of="${table.postIds[0]}" data-tone="ok"`);
    expect(checks.text).to.include(`data-check-of="${table.postIds[1]}" data-tone="todo"`);
    expect(checks.text).to.include('1 chosen row has no time or no channel yet');
    const past = { version: '3', date: '2020-01-01', time: '09:00' };
    await world.browser.post(`${table.address}/rows/${table.postIds[1]}`, past);
    const later = await world.browser.get(`${table.address}/checks?rows=${table.postIds[0]}:2`);
    expect(later.text).to.include(`data-check-of="${table.postIds[1]}" data-tone="bad"`);
    expect(later.text.match(/Choose who can see it\./g)).to.have.length(1);
    expect(checks.text).to.include('data-off');
  });

  it('schedules what fits with consent and options of the batch; the rest stays and says why.', async () => {
    const table = await makeTable(world, 3);
    await planned(table);
    await world.browser.post(`${table.address}/rows/${table.postIds[2]}`, { version: '2', date: '', time: '' });
    const rows = `${refs(table.postIds.slice(0, 2), 2)},${table.postIds[2]}:3`;
    const done = await press(table, { rows });
    expect(done.status).to.equal(303);
    const page = await world.browser.get(table.address);
    expect(page.text).to.include('2 scheduled, 1 need you');
    expect((await rowsOf(table)).map(({ state }) => state)).to.deep.equal(['scheduled', 'scheduled', 'draft']);
    const [delivery] = await world.desk.ofPost(world.team.id, table.postIds[0] ?? 0);
    expect(delivery?.options).to.deep.equal({ audience: 'everyone' });
    expect(delivery?.consent?.text).to.equal("By posting, you agree to Stubnet's Terms");
  });

  it('R7: schedules nothing without a choice for the batch, and nothing without the consent that was shown.', async () => {
    const table = await makeTable(world, 1);
    await planned(table);
    await press(table, { [`options.${table.channel.id}.audience`]: '' });
    await press(table, { 'declaration.stubnet': 'Something else' });
    expect((await rowsOf(table)).map(({ state }) => state)).to.deep.equal(['draft']);
  });

  it('asks each network once for all rows, schedules once however often it is pressed, and goes on where it stopped.', async () => {
    const table = await makeTable(world, 4);
    await planned(table);
    await press(table, { rows: refs(table.postIds.slice(0, 2), 2) });
    world.network.asked.splice(0);
    await Promise.all([press(table), press(table)]);
    expect((await rowsOf(table)).map(({ state }) => state)).to.deep.equal(Array(4).fill('scheduled'));
    const deliveries: unknown[] = await world.db
      .knex('deliveries')
      .whereIn('post_id', [...table.postIds])
      .select('id');
    expect(deliveries).to.have.length(4);
  });

  it('R1: asks each network anew when the table is opened and on “Check again”, once for all rows, and goes by that.', async () => {
    const table = await makeTable(world, 3);
    await planned(table);
    await world.browser.post(`${table.address}/options`, options(table));
    const asked: number[] = [];
    const checker = ({ id }: { readonly id: number }) => {
      asked.push(id);
      return Promise.resolve(() => []);
    };
    const { publisher } = world.network.active.parts;
    Object.assign(publisher, { checker });
    const look = async (since: string, more = ''): Promise<string> => {
      world.clock.advance(1_000);
      const { text } = await world.browser.get(
        `${table.address}/checks?rows=${refs(table.postIds)}&since=${since}${more}`,
      );
      return /data-asked-now="(\d+)"/.exec(text)?.[1] ?? '';
    };
    const open = async (): Promise<string> => {
      world.clock.advance(1_000);
      return /data-since="(\d+)"/.exec((await world.browser.get(table.address)).text)?.[1] ?? '';
    };
    const first = await look(await open());
    expect(await look(first), 'typing asks nobody').to.equal(first);
    expect(asked).to.have.length(1);
    await look(await open());
    expect(asked, 'opened once more').to.have.length(2);
    const again = await look(first, '&again=1');
    expect(asked, 'Check again').to.have.length(3);
    await look(again);
    expect(asked).to.have.length(3);
    Reflect.deleteProperty(publisher, 'checker');
  });

  it('names the day of the same words on the same profile within a week, with a link to that post.', async () => {
    const table = await makeTable(world, 2);
    await planned(table);
    await world.browser.post(`${table.address}/options`, options(table));
    const [first, second] = table.postIds;
    for (const id of [first, second])
      await world.browser.post(`${table.address}/rows/${id}`, { version: '2', caption: 'Babka, folded.' });
    await press(table, { rows: `${first}:3` });
    const { text } = await world.browser.get(`${table.address}/checks?rows=${second}`);
    expect(text).to.include('Same words on 10 Dec');
    expect(text).to.include(`href="${world.address}/${first}"`).and.to.include('10 Dec, 07:30</a>');
    await world.db.knex('users').where({ id: world.editor.id }).update({ language: 'th' });
    const thai = await world.browser.get(`${table.address}/checks?rows=${second}`);
    await world.db.knex('users').where({ id: world.editor.id }).update({ language: 'en' });
    expect(thai.text, 'in the language of whoever reads').to.include('Same words on 10 ธ.ค.');
  });

  it('says in a few words what does not fit, and keeps the sentence beside them.', async () => {
    const table = await makeTable(world, 1);
    await planned(table);
    await world.browser.post(`${table.address}/options`, options(table));
    world.network.problems = [{ field: 'media', message: 'It is 1:11 long. Trim it.', short: '1:11, takes 1:00' }];
    const { text } = await world.browser.get(`${table.address}/checks?rows=${refs(table.postIds)}`);
    world.network.problems = [];
    expect(text).to.match(/<span>1:11, takes 1:00<\/span>/);
    expect(text).to.include(`<p>${table.channel.nickname}: It is 1:11 long. Trim it.</p>`);
  });

  it('lets a row differ: options of its own go before those of the batch.', async () => {
    const table = await makeTable(world, 2);
    await planned(table);
    await world.db
      .knex('deliveries')
      .where({ post_id: table.postIds[1] })
      .update({ options: JSON.stringify({ typed: { audience: 'friends' } }) });
    const shown = await world.browser.get(`${table.address}/checks?rows=${refs(table.postIds)}`);
    expect(shown.text).to.include('Friends Policy');
    await press(table, { 'declaration.stubnet': "By posting, you agree to Stubnet's Terms and Friends Policy" });
    const [own] = await world.desk.ofPost(world.team.id, table.postIds[1] ?? 0);
    expect(own?.options).to.deep.equal({ audience: 'friends' });
  });

  it('leaves a row its draft when it is taken out.', async () => {
    const table = await makeTable(world, 2);
    await world.browser.post(`${table.address}/rows/${table.postIds[0]}/removal`);
    expect((await world.batches.page(world.team.id, table.id, 1)).total).to.equal(1);
    expect(await rowsOf(table)).to.have.length(2);
  });

  it('shows and changes nothing of another team, and lets viewers only look.', async () => {
    const table = await makeTable(world, 1);
    const other = await createTeam(world.db, {});
    const stranger = await signInAs(world, 'owner', other);
    const foreign = table.address.replace(`/team/${world.team.id}/`, `/team/${other.id}/`);
    for (const address of [table.address, foreign]) expect((await stranger.get(address)).status).to.equal(404);
    const viewer = await signInAs(world, 'viewer');
    const page = await viewer.get(table.address);
    expect(page.status).to.equal(200);
    expect(page.text).not.to.include('<textarea');
    const change = await viewer.post(`${table.address}/rows/${table.postIds[0]}`, { version: '1', caption: 'x' });
    expect(change.status).to.equal(403);
  });
});
