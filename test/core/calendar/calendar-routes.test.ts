import { expect } from 'chai';
import { createTeam } from '../../support/factories.ts';
import { createChannel, fillForm, postIdIn, signInAs } from '../posts/posts-world.ts';
import { type CalendarWorld, draftPost, openCalendarWorld, schedulePost } from './calendar-world.ts';

describe('the calendar', () => {
  let world: CalendarWorld;
  beforeEach(async () => {
    world = await openCalendarWorld();
  });
  afterEach(() => world.close());

  const show = async (query = '') => (await world.browser.get(`${world.calendarPath}${query}`).expect(200)).text;
  const wallsIn = (page: string) =>
    [...page.matchAll(/<li data-post="\d+"[^>]* data-at="([^"]+)"/g)].map(([, at]) => at);
  const move = (postId: number, fields: Readonly<Record<string, string>> = {}) =>
    world.browser.post(`${world.address}/${postId}/move`, {
      ...{ version: '1', date: '2026-11-24', time: '18:00', dueSeen: '', back: 'view=list&at=2026-11-22' },
      ...fields,
    });

  it('names month and zone, the months around it, and the three views.', async () => {
    const page = await show();
    expect(page).to.contain('<h1>November 2026</h1>').and.to.contain('All times in Europe/Berlin');
    expect(page)
      .to.contain(`href="${world.calendarPath}?at=2026-10-01" rel="prev" aria-label="October 2026"`)
      .and.to.contain(`href="${world.calendarPath}?at=2026-12-01" rel="next" aria-label="December 2026"`);
    for (const view of ['Week', 'List']) expect(page).to.contain(`view=${view.toLowerCase()}">${view}</a>`);
    expect(await show('?view=week&at=2026-12-10')).to.match(/<h1>7.{1,3}13 December 2026<\/h1>/);
    expect(page).to.contain(`href="${world.calendarPath}" aria-current="page"`);
  });

  it('lists posts at their due time and drafts at their planned one, and says how many drafts have none, or one that is no date.', async () => {
    await schedulePost(world);
    await draftPost(world, { date: '2026-11-23', time: '' });
    await draftPost(world, { date: '2026-11-22', time: '08:00' });
    await draftPost(world, { date: '', time: '' });
    await draftPost(world, { date: '2026-11-31', time: '' });
    const page = await show();
    expect(wallsIn(page)).to.deep.equal(['2026-11-22T08:00', '2026-11-22T09:30', '2026-11-23']);
    expect(page).to.contain('2 drafts have no date.').and.to.contain(`href="${world.address}?state=draft"`);
    expect(page).to.contain('Saffron buns, batch one').and.to.contain('No time');
    expect(wallsIn(await show('?at=2026-12-01'))).to.deep.equal([]);
    expect(await show('?at=2027-02-01'), 'not the one of another time').to.contain('1 draft has no date.');
  });

  it('S1: shows nothing of another team, and another team nothing of this one.', async () => {
    await schedulePost(world);
    const other = await createTeam(world.db);
    const stranger = await signInAs(world, 'owner', other);
    await stranger.get(world.calendarPath).expect(404);
    const { text } = await stranger.get(`/team/${other.id}/calendar`).expect(200);
    expect(wallsIn(text)).to.deep.equal([]);
  });

  it('filters by states, several of them, and counts each of the chosen channels.', async () => {
    const { channel, fields } = await fillForm(world);
    await world.browser.post(world.address, fields).expect(303);
    await schedulePost(world, { date: '2026-11-23' });
    await draftPost(world, { date: '2026-11-24', time: '10:00' });
    expect(wallsIn(await show('?state=draft'))).to.deep.equal(['2026-11-24T10:00']);
    expect(wallsIn(await show('?state=draft&state=scheduled'))).to.have.length(3);
    const page = await show(`?channel=${channel.id}&state=draft&state=sleeping`);
    expect(wallsIn(page)).to.deep.equal([]);
    expect(page)
      .to.match(
        /data-state="scheduled" href="[^"]*state=draft&amp;state=scheduled"[^>]*>.*Scheduled <span class="n">1</,
      )
      .and.to.match(/data-state="draft"[^>]* aria-current="true">.*Draft <span class="n">0</);
    expect(wallsIn(await show(`?channel=${channel.id}`))).to.deep.equal(['2026-11-22T09:30']);
    expect(wallsIn(await show('?channel=x&channel=9999999'))).to.deep.equal([]);
  });

  it('shows the chosen day with what stands on it and what is free, and leads to a new post there.', async () => {
    await schedulePost(world);
    world.freeTimes.push('12:00', '08:00');
    const day = (await show('?at=2026-11-22')).split('data-panel')[1] ?? '';
    expect(day).to.contain('Sunday 22 November').and.to.contain('1 post').and.not.to.contain('Today');
    const places = ['08:00 is free', '09:30</time>', '12:00 is free'].map((words) => day.indexOf(words));
    expect(places).to.deep.equal([...places].sort((a, b) => a - b));
    expect(day).to.contain(`${world.address}/new?date=2026-11-22&amp;time=12:00`);
    expect((await show()).split('data-panel')[1])
      .to.contain('Saturday 21 November')
      .and.to.contain('Today');
    expect((await show('?at=2026-11-20')).split('data-panel')[1]).not.to.contain('New post on this day');
  });

  it('says of a post that is on its way how much of its file is sent.', async () => {
    const postId = await schedulePost(world);
    const line = async (percent: number) => {
      await world.db.knex('deliveries').where({ post_id: postId }).update({ state: 'publishing', percent });
      return /<progress[^]*?<p[^>]*>([^<]*)/.exec(await show('?at=2026-11-22'))?.[1];
    };
    expect(await line(38)).to.equal('38 %, 380 kB of 1.0 MB');
    expect(await line(0)).to.equal('0 %');
  });

  it('moves a post, says so with an Undo, and moves it back.', async () => {
    const postId = await schedulePost(world);
    const moved = await move(postId).expect(303);
    expect(moved.headers['location']).to.equal(`${world.calendarPath}?view=list&at=2026-11-22`);
    const page = await show('?view=list&at=2026-11-22');
    expect(wallsIn(page)).to.deep.equal(['2026-11-24T18:00']);
    expect(page).to.match(/role="status">.*<p>Moved to Tue 24 Nov, 18:00\.<\/p>/s);
    const undo = /<form class="inline" action="([^"]+)".*?<\/form>/s.exec(page);
    const fields = Object.fromEntries(
      [...(undo?.[0] ?? '').matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [
        name,
        value,
      ]),
    );
    expect(fields).to.include({ version: '2', date: '2026-11-22', time: '09:30' });
    const back = (fields['back'] ?? '').replaceAll('&amp;', '&');
    await world.browser.post(undo?.[1] ?? '', { ...fields, back }).expect(303);
    expect(wallsIn(await show('?view=list&at=2026-11-22'))).to.deep.equal(['2026-11-22T09:30']);
  });

  it('opens the dialog at an address, for whoever may move that post.', async () => {
    const postId = await schedulePost(world);
    const page = await show(`?move=${postId}`);
    expect(page).to.match(/<dialog class="cd-dialog" id="move-post"[^>]* open>/);
    expect(page).to.contain('value="2026-11-22"').and.to.contain('value="09:30"');
    const viewer = await signInAs(world, 'viewer');
    const seen = (await viewer.get(`${world.calendarPath}?move=${postId}`).expect(200)).text;
    expect(seen).not.to.contain('<dialog').and.not.to.contain('move=').and.not.to.contain('data-movable');
    await viewer.post(`${world.address}/${postId}/move`, { version: '1' }).expect(403);
  });

  it('keeps what was typed where it cannot be done, and takes a time that the clocks jump over once it was told.', async () => {
    const postId = await schedulePost(world);
    const past = await move(postId, { date: '2026-11-21', time: '09:00' }).expect(422);
    expect(past.text).to.contain('This time has passed').and.to.contain('aria-invalid="true"');
    expect(past.text).to.match(/id="move-post"[^>]* open>/);
    const gap = { date: '2027-03-28', time: '02:30' };
    const told = await move(postId, gap).expect(422);
    expect(told.text)
      .to.contain('It will be posted at 03:00.')
      .and.to.contain('name="dueSeen" value="2027-03-28T02:30"');
    await move(postId, { ...gap, dueSeen: '2027-03-28T02:30' }).expect(303);
  });

  it('tells of a post that somebody else changed, or that has begun, and shows where it stands.', async () => {
    const postId = await schedulePost(world);
    await move(postId, { date: '2026-11-25' }).expect(303);
    const changed = await move(postId).expect(409);
    expect(changed.text).to.contain('Somebody else changed this post meanwhile').and.to.contain('role="alert"');
    expect(wallsIn(changed.text)).to.deep.equal(['2026-11-25T18:00']);
    await world.db.knex('deliveries').where({ post_id: postId }).update({ state: 'publishing' });
    const begun = await move(postId, { version: '2', date: '2026-11-26' }).expect(409);
    expect(begun.text).to.contain('publishing has begun');
    await move(99_999).expect(404);
  });

  it('says nothing of what a caption could do to the page.', async () => {
    await schedulePost(world, { caption: '"><script>alert(1)</script>' });
    const page = await show();
    expect(page).to.contain('&lt;script&gt;alert(1)').and.not.to.contain('<script>alert');
  });

  it('asks the database as often for ten posts as for two, whatever they go to.', async () => {
    const count = async () => {
      let statements = 0;
      const note = () => void (statements += 1);
      world.db.knex.on('query', note);
      await show();
      world.db.knex.removeListener('query', note);
      return statements;
    };
    const schedule = async (n: number) => {
      const added = await createChannel(world.db, { team: world.team });
      const { channel, fields } = await fillForm(world, {
        [`options.${added.id}.audience`]: 'everyone',
        time: `1${n}:00`,
      });
      const channels = [String(channel.id), String(added.id)];
      postIdIn(await world.browser.post(world.address, { ...fields, channels }));
    };
    await schedulePost(world);
    await schedule(1);
    await show();
    const two = await count();
    for (const n of [2, 3, 4, 5, 6, 7, 8, 9]) await schedule(n);
    await show();
    expect(await count()).to.equal(two);
    expect(two).to.be.at.most(8);
  });
});
