import { expect } from 'chai';
import type { Channel } from '../../../../core/channels/channel.ts';
import { createPluginRegistry } from '../../../../core/plugin-host/plugin-registry.ts';
import { channelOverviews } from '../../../../plugins/tiktok/insights/overview.ts';
import { addDays, dayIn } from '../../../../plugins/tiktok/insights/slots.ts';
import { insightPage } from '../../../../plugins/tiktok/insights/channel-page.ts';
import { videoRoute } from '../../../../plugins/tiktok/insights/video-page.ts';
import { createTestApp, type TestApp } from '../../../support/app.ts';
import { createMember, nextNumber } from '../../../support/factories.ts';
import { webRooms } from '../../../support/web-rooms.ts';
import { createStubNetwork } from '../../../core/posts/stub-network.ts';
import { InsightStage } from './insight-stage.ts';

const hour = 3_600_000;
const day = 24 * hour;
const noValue = { value: null, change: null };

describe('TikTok channels side by side', () => {
  let stage: InsightStage;
  let web: TestApp;
  const channels: Channel[] = [];

  before(async () => {
    stage = await InsightStage.open();
    const registry = createPluginRegistry();
    const { active } = createStubNetwork();
    const parts = { ...active.parts, channelOverviews: channelOverviews(stage.parts) };
    registry.add({ ...active, plugin: { ...active.plugin, id: 'tiktok', name: 'TikTok' }, parts });
    const { db, clock } = stage;
    web = await createTestApp({ db, clock, routes: (base) => webRooms(base, { channels, registry }) });
    stage.stage.simulator.control.putAccount({ username: 'hazelandrye', videos: 60 });
    await stage.sync();
  });
  beforeEach(() => {
    channels.length = 0;
    channels.push(own());
  });
  after(() => stage.close());

  /** The stage's channel as the host has it. */
  function own(facts: Partial<Channel> = {}): Channel {
    const none = { unionId: null, avatar: null, connectedBy: null, connectedAt: 0, disconnectedAt: null };
    return { ...stage.channel, ...none, plugin: 'tiktok', credentialId: 1, isPaused: false, ...facts };
  }

  const overviewOf = async (channel: Channel, days: number) =>
    (await channelOverviews(stage.parts).load([channel], { days })).get(channel.id);

  async function look(path: string): Promise<string> {
    const team = { id: stage.channel.teamId };
    const browser = await web.signIn(await createMember(web.db, { team, role: 'viewer' }));
    return (await browser.get(`/team/${team.id}${path}`).expect(200)).text;
  }

  function row(text: string): string {
    const [, cells = ''] = /<tr data-channel="\d+">(.*?)<\/tr>/su.exec(text) ?? [];
    return cells
      .replace(/<[^>]+>/gu, ' ')
      .replaceAll(/\s+/gu, ' ')
      .trim();
  }

  it('have no change on their first day, and say so', async () => {
    const { control } = stage.stage.simulator;
    const found = await overviewOf(own(), 7);
    expect(found?.followers).to.deep.equal({ value: 48_214, change: null });
    expect(found?.readAt).to.equal(stage.clock.now());
    expect(row(await look('/insights?days=7'))).to.contain('48,214 too early');
    control.putAccount({ username: 'hazelandrye', follower_count: 49_025 });
  });

  it('tell the change over the period and what was published in it, and the video that did best with its exact id', async () => {
    await stage.pass(7 * day);
    await stage.sync();
    const week = await overviewOf(own(), 7);
    expect(week?.followers).to.deep.equal({ value: 49_025, change: 811 });
    expect(week?.published).to.deep.equal({ videos: 0, views: null, likes: null, comments: null, shares: null });
    const month = await overviewOf(own(), 28);
    expect(month?.followers).to.deep.equal({ value: 49_025, change: null });
    const { knex } = stage.db;
    const since = stage.clock.now() - 28 * day;
    const published = () => knex('tiktok_videos').where('published_at', '>=', since);
    const expected: unknown = await published().sum({ views: 'views' }).count({ videos: '*' }).first();
    expect(month?.published).to.include(expected);
    expect(month?.published?.videos).to.be.greaterThan(5);
    const best: unknown = await published().orderBy('views', 'desc').limit(1).pluck('video_id');
    const [, first] = /<ol class="cd-best">.*?data-video-id="(\d{19})"/su.exec(await look('/insights')) ?? [];
    expect([first]).to.deep.equal(best);
    const page = `/team/${stage.channel.teamId}/channels/${stage.channel.id}/videos/${first ?? ''}`;
    expect(await look('/insights')).to.contain(`href="${page}"`);
    const address = videoRoute(stage.parts).path.replace(':video', first ?? '');
    expect(page.endsWith(`/channels/${stage.channel.id}/${address}`)).to.equal(true);
  });

  it('leave out what is no longer public, and keep what is known with its age while TikTok is away', async () => {
    const month = (await overviewOf(own(), 28))?.published?.videos ?? 0;
    const [newest = ''] = await stage.listed();
    stage.stage.simulator.control.putAccount({ username: 'hazelandrye', hidden_videos: [newest] });
    await stage.sync();
    expect((await overviewOf(own(), 28))?.published?.videos).to.equal(month - 1);
    stage.stage.simulator.control.setSwitches({
      failures: [{ endpoint: 'user/info', kind: 'server-error', times: 1 }],
    });
    stage.clock.advance(2 * day);
    await stage.sync().catch(() => undefined);
    const text = row(await look('/insights'));
    expect(text).to.contain('Old numbers: read 2 days ago').and.to.contain('49,025');
    const now = stage.clock.now();
    stage.clock.advance(6 * day);
    const week = await overviewOf(own(), 7);
    expect(week?.followers, 'of which week?').to.deep.equal({ value: 49_025, change: null });
    expect(week?.published, 'nobody looked in these days: that is not none').to.equal(null);
    expect((await overviewOf(own(), 28))?.published).to.not.equal(null);
    stage.clock.set(now);
  });

  it('count no change from a day that is much earlier than the period’s first', async () => {
    expect((await overviewOf(own(), 7))?.followers).to.deep.equal({ value: 49_025, change: null });
    const counters = { followers: 48_214, following: 1, likes: 2, videos: 3 };
    const plant = (day: string) =>
      stage.db.knex('tiktok_snapshots').insert({ channel_id: stage.channel.id, day, ...counters, at: 0 });
    const first = addDays(dayIn(stage.channel.zone, stage.clock.now()), -7);
    await plant(addDays(first, -1));
    expect((await overviewOf(own(), 7))?.followers.change).to.equal(811);
    await plant(addDays(first, 1));
  });

  it('say which permission is missing instead of showing what grows old, and never a zero', async () => {
    const found = await overviewOf(own({ scopes: ['user.info.basic'] }), 7);
    expect(found).to.include({ published: null, readAt: null });
    expect(found?.followers).to.deep.equal(noValue);
    expect(found?.notes.slice(0, 2)).to.deep.equal(['tiktok-overview:missing.stats', 'tiktok-overview:missing.videos']);
    const [newest = ''] = await stage.listed();
    const without = own({ scopes: ['user.info.basic'] });
    expect(await channelOverviews(stage.parts).find([without], [newest])).to.deep.equal([]);
    expect(await insightPage(stage.parts).ofPublished?.(without, [newest]), 'a page that is not there').to.equal(
      undefined,
    );
    channels[0] = own({ scopes: ['user.info.basic'] });
    const text = await look('/insights');
    expect(row(text)).to.match(/( –){8}$/u);
    expect(text).to.contain('The list of videos is not known yet, or may not be read');
    expect(await overviewOf(own({ id: 4711 }), 7)).to.deep.include({
      ...{ followers: noValue, published: null, readAt: null, notes: ['tiktok-overview:never'] },
    });
  });

  it('stand on the dashboard with their followers and what was published last with its first numbers', async () => {
    const { control } = stage.stage.simulator;
    control.putAccount({ username: 'hazelandrye', hidden_videos: [] });
    await stage.pass(day);
    await stage.sync();
    const now = stage.clock.now();
    const [published = ''] = await stage.listed();
    await plantPost({ remoteId: published, caption: 'Rye at four', at: now - 2 * hour });
    await plantPost({ remoteId: null, caption: 'On its way', at: now - hour });
    const text = await look('/');
    const [views] = numbersIn(await stage.db.knex('tiktok_videos').where({ video_id: published }).pluck('views'));
    const told = `${new Intl.NumberFormat('en-GB').format(views ?? 0)} views`;
    expect(text)
      .to.contain(`${told} so far`)
      .and.to.match(new RegExp(`<span class="t-nowrap">${told}</span>`, 'u'));
    expect(text)
      .to.contain('followers, 7 days')
      .and.to.match(/49,025 <span class="cd-delta" data-tone="ok">\+811/u);
    expect(text).to.contain('2 posts').and.to.contain('Open calendar').and.to.not.contain('Old numbers');
    stage.clock.advance(3 * day);
    expect(await look('/'), 'TikTok is away').to.contain('Old numbers: read 3 days ago');
    stage.clock.set(now);
  });

  it('take as many statements for thirty channels with posts as for one, on both pages', async () => {
    const few = [await statements('/'), await statements('/insights')];
    for (let n = 0; n < 29; n += 1) await plantChannel();
    const many = [await statements('/'), await statements('/insights')];
    expect(many).to.deep.equal(few);
    const text = await look('/insights');
    expect(text.match(/<tr data-channel=/gu)).to.have.length(30);
  });

  async function statements(path: string): Promise<number> {
    const team = { id: stage.channel.teamId };
    const browser = await web.signIn(await createMember(web.db, { team, role: 'viewer' }));
    await browser.get(`/team/${team.id}${path}`).expect(200);
    let sent = 0;
    const count = (): void => void (sent += 1);
    web.db.knex.on('query', count);
    await browser.get(`/team/${team.id}${path}`).expect(200);
    web.db.knex.removeListener('query', count);
    return sent;
  }

  async function plantPost(facts: { remoteId: string | null; caption: string; at: number; channelId?: number }) {
    const { remoteId, caption, at, channelId = stage.channel.id } = facts;
    const row = { team_id: stage.channel.teamId, state: 'published', due_at: at, updated_at: at };
    const post = { caption, nonce: `nonce-${nextNumber()}`, nonce_body: 'x', created_at: 0 };
    const [postId = 0] = await stage.db.knex('posts').insert({ ...row, ...post });
    const sent = { channel_id: channelId, plugin: 'tiktok', options: '{}', published_at: at, remote_id: remoteId };
    await stage.db.knex('deliveries').insert({ ...row, ...sent, post_id: postId });
  }

  /** With a profile, yesterday's snapshot, a video that did well and its post. */
  async function plantChannel(): Promise<void> {
    const { knex } = stage.db;
    const now = stage.clock.now();
    const accountId = `planted-${nextNumber()}`;
    const times = { access_expires_at: 0, refresh_expires_at: 0, refreshed_at: 0 };
    const sealed = { access_token: 'x', refresh_token: 'x', scopes: '[]', state: 'valid', mode: 'live', app_key: 'aw' };
    const account = { plugin: 'tiktok', account_id: accountId };
    const [credentialId = 0] = await knex('credentials').insert({ ...account, ...sealed, ...times });
    const named = { team_id: stage.channel.teamId, credential_id: credentialId, nickname: accountId, connected_at: 0 };
    const [id = 0] = await knex('channels').insert({ ...account, ...named });
    const counters = { followers: 5, following: 1, likes: 9, videos: 1 };
    await knex('tiktok_profiles').insert({
      channel_id: id,
      ...counters,
      profile_at: now,
      videos_at: now,
      recent_at: now,
    });
    await knex('tiktok_snapshots').insert({ channel_id: id, day: '2026-11-10', ...counters, at: now });
    const video = { channel_id: id, video_id: `75681234567890${10_000 + id}`, published_at: now - 3 * hour };
    await knex('tiktok_videos').insert({
      ...video,
      caption: 'Good',
      views: 9_000_000,
      seen_at: now,
      first_seen_at: now,
    });
    await plantPost({ remoteId: video.video_id, caption: 'Good', at: now - hour, channelId: id });
    channels.push(own({ id, nickname: accountId }));
  }
});

function numbersIn(values: unknown): readonly number[] {
  return Array.isArray(values) ? values.filter((value) => typeof value === 'number') : [];
}
