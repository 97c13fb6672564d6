import { expect } from 'chai';
import { parse } from 'node-html-parser';
import { replaceSlots } from '../../../core/slots/slot-store.ts';
import type { TestBrowser } from '../../support/app.ts';
import { createTeam } from '../../support/factories.ts';
import { createChannel, fillForm, openPostsWorld, postIdIn, type PostsWorld, signInAs } from '../posts/posts-world.ts';

describe('the next free slots below Date and Time', () => {
  let world: PostsWorld;
  beforeEach(async () => {
    world = await openPostsWorld();
  });
  afterEach(() => world.close());

  const give = (channelId: number, ...slots: readonly (readonly [number, string])[]) =>
    replaceSlots(
      world.db.knex,
      channelId,
      slots.map(([weekday, time]) => ({ weekday, time })),
    );
  const ask = async (query: string, browser: TestBrowser = world.browser) =>
    parse((await browser.get(`${world.address}/slots?${query}`).expect(200)).text);
  const offers = async (query: string) =>
    (await ask(query)).querySelectorAll('[data-slot]').map((button) => ({
      wall: button.getAttribute('data-slot'),
      label: button.text,
    }));

  it('are three that all of the chosen channels share and none has taken, in the team’s zone', async () => {
    const { channel, fields } = await fillForm(world);
    const other = await createChannel(world.db, { team: world.team });
    await give(channel.id, [7, '09:30'], [7, '18:00'], [1, '07:30'], [2, '07:30']);
    await give(other.id, [7, '09:30'], [7, '18:00'], [1, '07:30']);
    const both = `channel=${channel.id}&channel=${other.id}`;
    expect(await offers(both)).to.deep.equal([
      { wall: '2026-11-22T09:30', label: 'Sun 09:30' },
      { wall: '2026-11-22T18:00', label: 'Sun 18:00' },
      { wall: '2026-11-23T07:30', label: 'Mon 07:30' },
    ]);
    const postId = postIdIn(await world.browser.post(world.address, fields));
    expect(
      (await offers(both)).map(({ label }) => label),
      'one is taken',
    ).to.deep.equal(['Sun 18:00', 'Mon 07:30', 'Sun 29 Nov, 09:30']);
    expect((await offers(`channel=${channel.id}`)).map(({ label }) => label)).to.include('Tue 07:30');
    const said = (await ask(both)).querySelector('[data-slot]')?.getAttribute('data-said');
    expect(said).to.equal('Date and time are now Sunday 22 November, 18:00.');
    const again = (await offers(`${both}&post=${postId}`)).map(({ label }) => label);
    expect(again[0], 'by the post that is being edited').to.equal('Sun 09:30');
    await world.db.knex('deliveries').where({ post_id: postId }).update({ state: 'publishing' });
    const begun = (await offers(`${both}&post=${postId}`)).map(({ label }) => label);
    expect(begun, 'it goes out there').not.to.include('Sun 09:30');
  });

  it('are nothing for channels without slots, and lead those who may set them to Settings', async () => {
    const channel = await createChannel(world.db, { team: world.team });
    const manager = await signInAs(world, 'manager');
    expect((await ask(`channel=${channel.id}`)).text.trim()).to.equal('');
    const led = await ask(`channel=${channel.id}`, manager);
    expect(led.querySelector('a')?.getAttribute('href')).to.equal(`/team/${world.team.id}/settings`);
    expect((await ask('channel=x', manager)).text.trim(), 'without a channel').to.equal('');
    const foreign = await createChannel(world.db, { team: await createTeam(world.db) });
    await give(foreign.id, [7, '09:30']);
    expect((await ask(`channel=${foreign.id}`, manager)).text.trim(), 'of another team').to.equal('');
    const page = await world.browser.get(`${world.address}/new`).expect(200);
    expect(page.text).to.contain(`data-free-slots="${world.address}/slots"`).and.to.contain('js/free-slots.js');
  });
});
