import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { parse } from 'node-html-parser';
import { complaintsAboutParts } from '../../../../core/plugin-host/check-parts.ts';
import { plugin } from '../../../../plugins/tiktok/index.ts';
import { videoPath } from '../../../../plugins/tiktok/insights/video-list.ts';
import { type ChannelsWorld, createChannelsWorld } from '../../../core/channels/channels-world.ts';
import type { TestBrowser } from '../../../support/app.ts';
import { createMember, createPerson, createTeam } from '../../../support/factories.ts';
import { DAY, idOf } from './list-stage.ts';

const nobody = 'http://127.0.0.1:9';
const scopes = JSON.stringify(['user.info.basic', 'video.list']);
/** The world's clock stands here. */
const newest = Date.UTC(2026, 10, 3);

describe('The pages of a channel’s videos', () => {
  let world: ChannelsWorld;
  let dataDir: string;
  let viewer: TestBrowser;
  let outsider: TestBrowser;
  let base: string;

  before(async () => {
    dataDir = await mkdtemp(path.join(os.tmpdir(), 'castdeck-videos-'));
    world = await createChannelsWorld({ dataDir, real: { plugin, url: nobody } });
    const team = await createTeam(world.db);
    viewer = await world.signIn(await createMember(world.db, { team, role: 'viewer' }));
    outsider = await world.signIn(await createPerson(world.db));
    const channelId = await plant(team.id);
    base = `/team/${team.id}/channels/${channelId}`;
    await world.db.knex('tiktok_videos').insert(Array.from({ length: 45 }, (_, n) => row(channelId, n)));
    await world.db.knex('tiktok_profiles').insert({ channel_id: channelId, listed: 44, videos_at: newest });
  });
  after(async () => {
    await world.close();
    await rm(dataDir, { recursive: true });
  });

  async function plant(teamId: number): Promise<number> {
    const owner = { plugin: 'tiktok', account_id: 'account-1' };
    const times = { access_expires_at: newest, refresh_expires_at: newest, refreshed_at: newest };
    const sealed = { access_token: 'x', refresh_token: 'x', scopes, state: 'valid', app_key: 'aw', mode: 'live' };
    const [credential = 0] = await world.db.knex('credentials').insert({ ...owner, ...times, ...sealed });
    const facts = { nickname: 'Hazel & Rye', username: 'hazelandrye', connected_at: newest };
    const [id = 0] = await world.db
      .knex('channels')
      .insert({ ...owner, ...facts, team_id: teamId, credential_id: credential });
    return id;
  }

  async function page(query = '') {
    const answer = await viewer.get(`${base}${query}`);
    expect(answer.status, query).to.equal(200);
    const html = parse(answer.text);
    const ids = html.querySelectorAll('tr[data-video-id]').map((found) => found.getAttribute('data-video-id'));
    return { text: answer.text, headers: answer.headers, html, ids };
  }

  it('are parts that the host takes: nothing about them keeps it from starting', () => {
    expect(complaintsAboutParts(world.forCommands.registry.get('tiktok').parts)).to.deep.equal([]);
  });

  it('offers no refresh while its app is not in the settings any more: there is no access to refresh with', async () => {
    const team = { id: Number(/^\/team\/(\d+)/u.exec(base)?.[1]) };
    const editor = await world.signIn(await createMember(world.db, { team, role: 'editor' }));
    const { text } = await editor.get(base);
    expect(text).to.contain('data-state="reconnect-needed"').and.to.not.contain(`action="${base}/refresh"`);
  });

  it('shows every number, the whole id, where it is on TikTok, and what engagement is', async () => {
    const { html, ids } = await page();
    expect(ids).to.deep.equal(Array.from({ length: 20 }, (_, n) => idOf(n)));
    const shown = html.querySelector(`tr[data-video-id="${idOf(1)}"]`);
    expect(shown?.textContent.replaceAll(/\s+/gu, ' ')).to.include('Crumb shot 1').and.to.include('0:11');
    const cells = shown?.querySelectorAll('td.r').map((cell) => cell.textContent.trim());
    expect(cells?.slice(2, 7)).to.deep.equal(['1,001', '31', '6', '2', '3.9 %']);
    expect(shown?.querySelector(`a[href="https://www.tiktok.com/@hazelandrye/video/${idOf(1)}"]`)).not.to.equal(null);
    const described = html.querySelector('th a[aria-describedby="engagement-formula"]');
    expect(described?.textContent).to.include('Engagement');
    expect(html.querySelector('#engagement-formula[role="tooltip"]')?.textContent).to.include('divided by views');
    expect(html.querySelector('section[aria-labelledby="videos"]')?.textContent).to.include('All 44 public videos');
  });

  it('marks what is no longer public with the day since when, and neither plays nor links it', async () => {
    const { html } = await page();
    const gone = html.querySelector(`tr[data-video-id="${idOf(3)}"]`);
    expect(gone?.textContent).to.include('No longer public since Tuesday 20 October');
    expect(gone?.querySelectorAll('a').map((a) => a.getAttribute('href'))).to.deep.equal([`${base}/videos/${idOf(3)}`]);
  });

  it('leads from page to page and back by its links, sorted by any column', async () => {
    for (const sort of ['date', 'length', 'engagement']) {
      const first = await page(`?sort=${sort}&order=asc`);
      const second = await page(queryOf(first.html.querySelector('a[rel="next"]')?.getAttribute('href')));
      const third = await page(queryOf(second.html.querySelector('a[rel="next"]')?.getAttribute('href')));
      expect(new Set([...first.ids, ...second.ids, ...third.ids]).size, sort).to.equal(45);
      expect(third.html.querySelector('a[rel="next"]'), sort).to.equal(null);
      const back = await page(queryOf(third.html.querySelector('a[rel="prev"]')?.getAttribute('href')));
      expect(back.ids, sort).to.deep.equal(second.ids);
      expect(first.html.querySelector('th[aria-sort="ascending"]'), sort).not.to.equal(null);
    }
  });

  it('leads to the page of each video, as its post does', async () => {
    const { html } = await page();
    const path = `${base}${videoPath({ videoId: idOf(1) })}`;
    expect(html.querySelector(`tr[data-video-id="${idOf(1)}"] a[href="${path}"]`)?.textContent).to.equal(
      'Crumb shot 1',
    );
    expect((await viewer.get(path)).status).to.equal(200);
  });

  it('finds by caption, period and origin, all of it in the address, and counts what it found', async () => {
    const { ids, html } = await page('?find=CRUMB%20shot%204&days=7');
    expect(ids).to.deep.equal([idOf(4), idOf(40), idOf(41), idOf(42), idOf(43), idOf(44)]);
    expect(html.querySelector('section[aria-labelledby="videos"]')?.textContent).to.include('6 videos found');
    expect(html.querySelector('input[name="find"]')?.getAttribute('value')).to.equal('CRUMB shot 4');
    expect(html.querySelector('input[name="days"]')?.getAttribute('value')).to.equal('7');
    expect((await page('?show=gone')).ids).to.deep.equal([idOf(3)]);
    expect((await page('?show=ours')).ids).to.deep.equal([]);
    expect((await page('?find=nothing+like+it')).text).to.include('No video found');
    expect((await page('?sort=bogus&before=x&after=1.2.3&period=6&show=__proto__')).ids).to.have.length(20);
  });

  it('S47: exports the selection for viewers too, with whole ids', async () => {
    const csv = await viewer.get(`${base}/videos.csv?find=shot%204&sort=views&order=asc`);
    expect(csv.headers['content-disposition']).to.match(/filename="?hazelandrye-videos-\d{4}-\d\d-\d\d\.csv"?$/);
    expect(csv.text)
      .to.match(/^\ufeff?"Video ID",/u)
      .and.to.include(`"'${idOf(44)}"`);
    expect(csv.text.trim().split('\r\n')).to.have.length(7);
    const json: unknown = JSON.parse((await viewer.get(`${base}/videos.json`)).text);
    expect(json).to.have.property('videos').with.length(45);
    expect(json).to.have.nested.property('videos[44].id', idOf(44));
    for (const file of ['videos.csv', 'videos.json', 'videos/print', `videos/${idOf(1)}/player`]) {
      expect((await outsider.get(`${base}/${file}`)).status, file).to.equal(404);
    }
  });

  it('leads from its caption to a page of the video, which stays when the video is gone', async () => {
    const { html: list } = await page();
    const address = list.querySelector(`tr[data-video-id="${idOf(1)}"] a`)?.getAttribute('href') ?? '';
    await noteNumbers(idOf(1));
    const shown = parse((await viewer.get(address)).text);
    expect(shown.querySelector('h2')?.textContent).to.equal('Crumb shot 1');
    expect(shown.querySelector('[data-stat="views"] .t-stat')?.textContent).to.equal('1,001');
    const rows = shown.querySelectorAll('#video-table tbody tr');
    expect(rows.map((one) => one.querySelector('[data-value]')?.textContent)).to.deep.equal(['600', '1,001']);
    expect(shown.querySelector('canvas')?.getAttribute('aria-label')).to.include('Views from 600 to 1,001');
    expect(shown.textContent).to.include('Nothing to compare with yet');
    expect((await viewer.get(`${base}/videos/${idOf(3)}`)).text).to.include('No longer public since');
    expect((await viewer.get(`${base}/videos/1`)).status).to.equal(404);
    expect((await outsider.get(address)).status).to.equal(404);
  });

  async function noteNumbers(videoId: string): Promise<void> {
    const own = { channel_id: Number(base.split('/').at(-1)), video_id: videoId };
    const rows = [600, 1001].map((views, n) => ({
      ...{ ...own, slot: `2026-11-0${n + 2}`, at: newest + (n - 1) * DAY, age_days: n },
      ...{ views, likes: 0, comments: 0, shares: 0 },
    }));
    await world.db.knex('tiktok_video_numbers').insert(rows);
  }

  it('prints all of them without anything around', async () => {
    const { html, ids } = await page('/videos/print?sort=views');
    expect(ids).to.have.length(45);
    expect(html.querySelectorAll('nav, header, form, .cd-side')).to.have.length(0);
    expect(html.querySelector('h1')?.textContent).to.match(/^Videos of Hazel (&|&amp;) Rye$/);
    expect(html.textContent).to.include('Sorted by Views, highest first');
    const dates = html.querySelectorAll('tbody tr').map((one) => one.querySelectorAll('td')[1]?.textContent);
    for (const date of dates)
      expect(date, 'with its year, whenever it is read').to.match(/^\d+ \w+ 20\d\d, \d\d:\d\d$/u);
  });

  it('S21: shows TikTok in a frame on the page of the player only', async () => {
    const list = await page();
    expect(list.headers['content-security-policy']).not.to.include('frame-src');
    expect(list.html.querySelector('iframe')).to.equal(null);
    const play = list.html.querySelector('a[href$="/player"]')?.getAttribute('href') ?? '';
    const player = await viewer.get(play);
    expect(player.headers['content-security-policy']).to.match(/;frame-src https:\/\/www\.tiktok\.com$/);
    const src = parse(player.text).querySelector('iframe')?.getAttribute('src') ?? '';
    expect(src).to.match(new RegExp(`^https://www\\.tiktok\\.com/player/v1/${idOf(0)}\\b`));
    expect((await viewer.get(`${base}/videos/${idOf(3)}/player`)).status).to.equal(404);
    expect((await viewer.get(`${base}/videos/1/player`)).status).to.equal(404);
  });
});

/** The first is the newest; the fourth is gone. */
function row(channelId: number, n: number) {
  return {
    ...{ channel_id: channelId, video_id: idOf(n), published_at: newest - n * DAY, caption: `Crumb shot ${n}` },
    ...{ duration_seconds: 10 + (n % 4), views: 1_000 + (n % 7), likes: 30 + n, comments: 6, shares: 2 },
    ...{ engagement: n === 1 ? 38_961 : null, cover_url: null, share_url: null, seen_at: newest },
    missing_since: n === 3 ? Date.UTC(2026, 9, 20, 12) : null,
  };
}

function queryOf(href: string | undefined): string {
  return new URL(href ?? '', nobody).search;
}
