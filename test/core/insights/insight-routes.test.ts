import { expect } from 'chai';
import type { ChannelOverview, ChannelOverviews, ChannelVideo } from '#plugin-api';
import type { Channel } from '../../../core/channels/channel.ts';
import { createPluginRegistry } from '../../../core/plugin-host/plugin-registry.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { createMember, createTeam } from '../../support/factories.ts';
import { webRooms } from '../../support/web-rooms.ts';
import { createStubNetwork } from '../posts/stub-network.ts';

const hour = 3_600_000;

/** Three networks: one tells, one fails, one has nothing to tell. */
describe('The insights of a team', () => {
  let web: TestApp;
  const channels: Channel[] = [];
  let told: ReadonlyMap<number, ChannelOverview> = new Map();
  let best: readonly ChannelVideo[] = [];
  const telling: ChannelOverviews = {
    load: () => Promise.resolve(told),
    best: () => Promise.resolve(best),
    find: () => Promise.resolve([]),
    latest: () => Promise.resolve(new Map()),
  };
  const away = () => Promise.reject(new Error('The table is locked.'));

  before(async () => {
    const registry = createPluginRegistry();
    for (const [id, overview] of Object.entries({
      telling,
      failing: { load: away, best: away, find: away, latest: away },
      silent: undefined,
    })) {
      const { active } = createStubNetwork();
      const parts = { ...active.parts, ...(overview && { channelOverviews: overview }) };
      registry.add({ ...active, plugin: { ...active.plugin, id }, parts });
    }
    web = await createTestApp({ routes: (base) => webRooms(base, { channels, registry }) });
  });
  beforeEach(() => {
    channels.length = 0;
    told = new Map();
    best = [];
  });
  after(() => web.close());

  async function look(query = '', role: 'viewer' | 'editor' = 'viewer') {
    const team = await createTeam(web.db);
    for (const [index, channel] of channels.entries()) channels[index] = { ...channel, teamId: team.id };
    const browser = await web.signIn(await createMember(web.db, { team, role }));
    const { text } = await browser.get(`/team/${team.id}/insights${query}`).expect(200);
    return { text, team };
  }

  function add(plugin: string, nickname: string, facts: Partial<Channel> = {}): number {
    const id = channels.length + 1;
    const ids = { id, teamId: 0, plugin, credentialId: id, accountId: `account-${id}`, nickname, mode: 'live' };
    const none = { unionId: null, username: null, avatar: null, connectedBy: null, disconnectedAt: null };
    const rest = { zone: 'UTC', appKey: 'app', isPaused: false, scopes: [], connectedAt: 0 };
    channels.push({ ...ids, ...none, ...rest, state: 'connected', ...facts });
    return id;
  }

  function row(text: string, id: number): string {
    const [, cells = ''] = new RegExp(`<tr data-channel="${id}">(.*?)</tr>`, 'su').exec(text) ?? [];
    return cells
      .replace(/<[^>]+>/gu, ' ')
      .replaceAll(/\s+/gu, ' ')
      .trim();
  }

  it('stand in the sidebar and show a team without channels what to do first, to those who may', async () => {
    const { text, team } = await look('', 'editor');
    expect(text).to.contain('No channels yet').and.to.contain(`href="/team/${team.id}/channels?add"`);
    expect(text).to.match(new RegExp(`<a href="/team/${team.id}/insights"[^>]* aria-current="page">`, 'u'));
    const order = ['Channels</a>', 'Insights</a>'].map((words) => text.indexOf(words));
    expect(order[1]).to.be.greaterThan(order[0] ?? 0);
    expect((await look()).text).not.to.contain('channels?add');
  });

  it('show what is known, “–” for what is not, and how old it is; a network that fails or tells nothing says so', async () => {
    const now = web.clock.now();
    const known = add('telling', 'Hazel & Rye');
    const old = add('telling', 'Rye Club', { state: 'reconnect-needed' });
    const failed = add('failing', 'Broken');
    const silent = add('silent', 'Paper');
    const none = { value: null, change: null };
    const published = { videos: 2, views: 700, likes: 61, comments: null, shares: 4 };
    const fresh = { followers: { value: 48_214, change: 811 }, likes: { value: 5, change: null }, videos: none };
    told = new Map([
      [known, { ...fresh, published, readAt: now - 2 * hour, notes: [] }],
      [
        old,
        {
          ...fresh,
          followers: { value: 10, change: -3 },
          published: null,
          readAt: now - 80 * hour,
          notes: ['Allow it.'],
        },
      ],
    ]);
    const { text } = await look();
    expect(row(text, known)).to.equal('HR Hazel &amp; Rye Read 2 hours ago 48,214 +811 5 too early – 2 700 61 – 4');
    expect(row(text, old)).to.contain('Reconnect needed Old numbers: read 3 days ago Allow it. 10 -3');
    expect(row(text, old)).to.match(/ – – – – – – –$/u);
    expect(row(text, failed)).to.match(/could not be read just now\. Reload in a moment\.( –){8}$/u);
    expect(row(text, silent)).to.match(/tells no numbers\.( –){8}$/u);
    const [, foot = ''] = /<tfoot>(.*)<\/tfoot>/su.exec(text) ?? [];
    expect(foot).to.contain('48,224').and.to.contain('2 of 4 channels').and.to.contain('1 of 4 channels');
    expect(text).to.contain('No video of the last 28 days');
  });

  it('keep period, order and metric in the address, each beside the others', async () => {
    add('telling', 'Hazel & Rye');
    const { text } = await look('?days=90&sort=views&dir=asc&by=shares');
    expect(text).to.contain('the last 90 days');
    expect(text).to.contain('href="?days=7&amp;sort=views&amp;dir=asc&amp;by=shares"');
    expect(text).to.contain('href="?days=90&amp;sort=views&amp;dir=desc&amp;by=shares"');
    expect(text).to.contain('aria-sort="ascending"').and.to.contain('<option value="shares" selected>');
    expect((await look('?days=9&sort=secrets&by=likes;drop')).text).to.contain('the last 28 days');
  });

  it('show the best videos with their channel and how many times the usual that is', async () => {
    const id = add('telling', 'Hazel & Rye');
    const video = {
      channelId: id,
      publishedAt: web.clock.now(),
      likes: 9,
      comments: 1,
      shares: null,
      engagement: 72_000,
    };
    const paths = { cover: '/cover', href: '/video' };
    best = [
      { ...video, ...paths, remoteId: '7568123456789012345', caption: 'Rye <b>', views: 38_402, timesUsual: 5.23 },
      { ...video, ...paths, remoteId: '7568123456789012346', caption: '', views: 1_204, timesUsual: 'too-early' },
      { ...video, ...paths, remoteId: '7568123456789012347', caption: 'Slow', views: 90, timesUsual: 0.4 },
    ];
    const { text } = await look();
    const [, list = ''] = /<ol class="cd-best">(.*?)<\/ol>/su.exec(text) ?? [];
    expect(list).to.contain('data-video-id="7568123456789012345"').and.to.contain('Rye &lt;b&gt;');
    expect(list).to.match(/38,402 views<\/span><span class="cd-delta" data-tone="ok">5\.2 ×/u);
    expect(list).to.contain('too early').and.to.contain('data-tone="quiet">0.4 ×').and.to.contain('No caption');
    expect((await look('?by=engagement')).text).to.contain('7.2 % engagement');
  });
});
