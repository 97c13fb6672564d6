import { expect } from 'chai';
import { createForecast, type ForecastService } from '../../../core/forecast/forecast-service.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { addChannel, createEngineWorld, type EngineWorld, schedule } from '../../support/engine-world.ts';
import { createTeam } from '../../support/factories.ts';
import { fillForm, openPostsWorld, postIdIn, type PostsWorld, signInAs } from '../posts/posts-world.ts';

const hour = 3_600_000;
const day = { withinMs: 24 * hour } as const;

onEachDatabase('the forecast of quotas', (db) => {
  let world: EngineWorld;
  let forecasts: ForecastService;
  beforeEach(async () => {
    world = await createEngineWorld(db());
    world.network.caps = [{ ...day, per: 'account', limit: 2 }];
    forecasts = createForecast({ db: db(), clock: world.clock, plugins: world.registry });
  });

  const ask = (channelIds: readonly number[], hours: number, teamId = world.teamId) =>
    forecasts.forecast({ teamId, channelIds, at: world.clock.now() + hours * hour });
  const inHours = (at: number | null) => (at === null ? null : Math.round((at - world.clock.now()) / 360_000) / 10);

  it('counts the posts of an account, says which day is too full, and offers the next free time.', async () => {
    const { id: channelId } = await addChannel(world);
    for (const hours of [10, 20]) await schedule(world, { channelId, inMs: hours * hour });
    expect(await ask([channelId], 40)).to.deep.equal([]);
    const [warning, ...others] = await ask([channelId], 22);
    expect(others).to.deep.equal([]);
    expect(warning).to.include({ channelId, nickname: 'North Roast', counts: 'posts', taken: 2, limit: 2 });
    expect(inHours(warning?.endsAt ?? null)).to.equal(22);
    expect(inHours(warning?.freeAt ?? null)).to.equal(34);
    const [before] = await ask([channelId], 1);
    expect(inHours(before?.endsAt ?? null), 'a later post would be pushed over').to.equal(20);
  });

  it('counts what other teams post to the account, and tells how many those are and nothing else.', async () => {
    const { id: channelId, credentialId } = await addChannel(world);
    const other = await createTeam(db());
    const [foreign = 0] = await db()
      .knex('channels')
      .insert({
        ...{ team_id: other.id, credential_id: credentialId, plugin: 'fake', account_id: 'the same' },
        ...{ nickname: 'Secret', is_paused: false, connected_at: 0 },
      });
    for (const hours of [10, 20])
      await schedule({ ...world, teamId: other.id }, { channelId: foreign, inMs: hours * hour });
    const [warning] = await ask([channelId], 22);
    expect(warning).to.include({ taken: 2 });
    expect(JSON.stringify(warning)).not.to.contain('Secret');
    expect(await ask([foreign], 22), 'no channel of this team').to.deep.equal([]);
  });

  it('leaves out a post of the asking team only, so that the number tells nothing about posts of others.', async () => {
    const { id: channelId, credentialId } = await addChannel(world);
    const other = await createTeam(db());
    const [foreign = 0] = await db()
      .knex('channels')
      .insert({
        ...{ team_id: other.id, credential_id: credentialId, plugin: 'fake', account_id: 'the same' },
        ...{ nickname: 'Secret', is_paused: false, connected_at: 0 },
      });
    const theirs = await schedule({ ...world, teamId: other.id }, { channelId: foreign, inMs: 10 * hour });
    await schedule(world, { channelId, inMs: 20 * hour });
    const question = { teamId: world.teamId, channelIds: [channelId], at: world.clock.now() + 22 * hour };
    const open = await forecasts.forecast(question);
    expect(open).to.have.lengthOf(1);
    expect(await forecasts.forecast({ ...question, exceptPostId: theirs.postId })).to.deep.equal(open);
  });

  it('does not count drafts, what was cancelled or failed, nor the post that is edited.', async () => {
    const { id: channelId } = await addChannel(world);
    await schedule(world, { channelId, inMs: null });
    const kept = await schedule(world, { channelId, inMs: 10 * hour });
    for (const state of ['cancelled', 'failed']) {
      const { id } = await schedule(world, { channelId, inMs: 11 * hour });
      await db().knex('deliveries').where({ id }).update({ state });
    }
    expect(await ask([channelId], 12)).to.deep.equal([]);
    await schedule(world, { channelId, inMs: 11 * hour });
    const question = { teamId: world.teamId, channelIds: [channelId], at: world.clock.now() + 12 * hour };
    expect(await forecasts.forecast(question)).to.have.lengthOf(1);
    expect(await forecasts.forecast({ ...question, exceptPostId: kept.postId })).to.deep.equal([]);
  });

  it('counts the accounts of an app where that is capped, each once.', async () => {
    world.network.caps = [{ ...day, per: 'app', limit: 2 }];
    const ids: number[] = [];
    for (let n = 0; n < 3; n += 1) ids.push((await addChannel(world)).id);
    const [first = 0, second = 0, third = 0] = ids;
    for (const channelId of [first, first, first, second]) await schedule(world, { channelId, inMs: 10 * hour });
    expect(await ask([first, second], 11)).to.deep.equal([]);
    const [warning] = await ask([third], 11);
    expect(warning).to.include({ channelId: third, counts: 'accounts', taken: 2, limit: 2 });
    expect(inHours(warning?.freeAt ?? null)).to.equal(34);
  });

  it('counts each of many posts for the next one, with two statements for all of them.', async () => {
    const channels = [await addChannel(world), await addChannel(world)];
    const at = world.clock.now() + 10 * hour;
    const plans = [1, 2, 3, 4].map(() => ({ channelIds: channels.map(({ id }) => id), at }));
    let asked = 0;
    const count = (): void => void (asked += 1);
    db().knex.on('query', count);
    const found = await forecasts.forecastMany({ teamId: world.teamId, plans });
    db().knex.off('query', count);
    expect(found.map((warnings) => warnings.length)).to.deep.equal([0, 0, 2, 2]);
    expect(asked).to.equal(2);
  });

  it('says nothing where a network tells no number.', async () => {
    world.network.caps = [];
    const { id: channelId } = await addChannel(world);
    for (let n = 0; n < 5; n += 1) await schedule(world, { channelId, inMs: hour });
    expect(await ask([channelId], 1)).to.deep.equal([]);
  });
});

describe('the forecast on pages', () => {
  let web: PostsWorld;
  beforeEach(async () => {
    web = await openPostsWorld();
    web.network.caps = [{ ...day, per: 'account', limit: 1 }];
  });
  afterEach(() => web.close());

  it('says beside the time of a post which day is too full, when there is room, and stands with the post', async () => {
    const { fields, channel } = await fillForm(web);
    const postId = postIdIn(await web.browser.post(web.address, fields));
    const ask = async (query: string) =>
      (await web.browser.get(`${web.address}/forecast?channels=${channel.id}&${query}`).expect(200)).text;
    expect(await ask('date=2026-11-22&time=11:00'))
      .to.contain(`${channel.nickname} already has 1 of 1 posts in the 24 hours before 22 Nov, 11:00.`)
      .and.to.contain('The next free time is 23 Nov, 09:31.')
      .and.to.contain('data-take="2026-11-23T09:31"')
      .and.to.contain('You can schedule it all the same');
    expect((await ask(`date=2026-11-22&time=11:00&post=${postId}`)).trim()).to.equal('');
    for (const typed of ['date=2026-11-24&time=11:00', 'date=2026-11-22&time=', 'date=2020-01-01&time=10:00']) {
      expect((await ask(typed)).trim(), typed).to.equal('');
    }
    const again = { ...fields, nonce: 'f'.repeat(32), time: '11:00' };
    const second = postIdIn(await web.browser.post(web.address, again));
    expect((await web.browser.get(`${web.address}/${second}`)).text).to.contain('already has 1 of 1 posts');
    await (await signInAs(web, 'viewer')).get(`${web.address}/forecast?channels=1`).expect(403);
  });
});
