import { expect } from 'chai';
import type { Channel } from '../../../core/channels/channel.ts';
import type { Database } from '../../../core/db/database.ts';
import { dayAt, weekAt } from '../../../core/time/days.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { createMember, createTeam, nextNumber } from '../../support/factories.ts';
import { webRooms } from '../../support/web-rooms.ts';

const noon = Date.UTC(2026, 10, 21, 12);
const hour = 3_600_000;

onEachDatabase('The dashboard', (db) => {
  let web: TestApp;
  let channels: Channel[] = [];
  beforeEach(async () => {
    channels = [];
    web = await createTestApp({ db: db(), routes: (base) => webRooms(base, { channels }) });
  });

  it('shows a team without posts its first three steps, those done and the one to take', async () => {
    const team = await createTeam(db(), { name: 'Harbour Cycles' });
    const editor = await web.signIn(await createMember(db(), { team, role: 'editor' }));
    const fresh = await editor.get(`/team/${team.id}/`);
    expect(fresh.text).to.contain('Welcome to Harbour Cycles').and.to.contain(`/team/${team.id}/channels?add`);
    channels.push(await connect(db(), team.id, { nickname: 'Rye Club' }));
    const next = await editor.get(`/team/${team.id}/`);
    expect(next.text).not.to.contain(`/team/${team.id}/channels?add`);
    const viewer = await web.signIn(await createMember(db(), { team, role: 'viewer' }));
    expect((await viewer.get(`/team/${team.id}/`)).text).not.to.contain(`href="/team/${team.id}/posts/new"`);
  });

  it('puts first what needs a person, then what is due today and tomorrow in the zone of the team', async () => {
    const team = await createTeam(db(), { zone: 'Asia/Tokyo' });
    const channel = await connect(db(), team.id, { nickname: 'Rye Club', state: 'reconnect-needed' });
    channels.push(channel);
    // 12:00 UTC is 21:00 in Tokyo: in four hours it is tomorrow there.
    await post(db(), channel, { caption: 'Late tonight\nsecond line', state: 'scheduled', dueAt: noon + hour });
    await post(db(), channel, { caption: 'Past midnight', state: 'scheduled', dueAt: noon + 4 * hour });
    await post(db(), channel, { caption: 'Next week', state: 'scheduled', dueAt: noon + 200 * hour });
    await post(db(), channel, { caption: 'Broken <b>', state: 'failed', dueAt: noon - hour });
    await post(db(), channel, { caption: '', state: 'needs-attention', dueAt: noon - 50 * hour });
    await post(db(), channel, { caption: 'Out there', state: 'published', dueAt: noon - 100 * hour });
    const other = await createTeam(db());
    await post(db(), await connect(db(), other.id, { nickname: 'Secret' }), {
      caption: 'Not ours',
      state: 'failed',
      dueAt: noon,
    });
    const browser = await web.signIn(await createMember(db(), { team, role: 'viewer' }));
    const { text } = await browser.get(`/team/${team.id}/`);
    const order = ['“No caption yet” needs you on Rye Club', '“Broken &lt;b&gt;” failed on Rye Club'];
    const rest = [
      'Rye Club must be reconnected',
      'Due today',
      'Late tonight',
      'Tomorrow',
      'Past midnight',
      'Out there',
    ];
    const places = [...order, ...rest].map((words) => text.indexOf(words));
    expect(places).to.deep.equal([...places].sort((a, b) => a - b));
    expect(places[0]).to.be.greaterThan(0);
    expect(text).to.contain('Trim the video.').and.to.contain('3 things need you, 2 posts are due today.');
    expect(text).not.to.contain('second line').and.not.to.contain('Next week').and.not.to.contain('Not ours');
  });

  it('has one line for each post that needs somebody, with what is the matter on how many of its channels', async () => {
    const team = await createTeam(db());
    const names = ['Rye Club', 'Workshops', 'Aarhus', 'Catering', 'Test'];
    for (const nickname of names) channels.push(await connect(db(), team.id, { nickname }));
    const [rye, workshops, aarhus, catering, test] = channels;
    const doubt = { sentence: 'No answer came.', nextStep: 'Look.', mayBePosted: true };
    const long = { sentence: 'It is too long.', nextStep: 'Trim it.', mayBePosted: false };
    const buns = await plant(db(), { caption: 'Buns', at: noon - hour }, [
      [rye, 'needs-attention', doubt],
      [workshops, 'failed', long],
      [aarhus, 'failed', long],
      [catering, 'published', null],
      [test, 'cancelled', null],
    ]);
    const stollen = await plant(db(), { caption: 'Stollen', at: noon - 2 * hour }, [
      [rye, 'failed', long],
      [aarhus, 'failed', long],
      [catering, 'scheduled', null],
    ]);
    const browser = await web.signIn(await createMember(db(), { team, role: 'viewer' }));
    const { text } = await browser.get(`/team/${team.id}/`);
    const [, list = ''] = /<ul class="card cd-needs">(.*?)<\/ul>/su.exec(text) ?? [];
    const lines = list.split('<li data-tone').slice(1);
    // Behind them its five channels, whose access is over.
    expect(lines).to.have.length(7);
    expect(lines[0]).to.contain('“Buns” needs you on 3 of 4 channels').and.to.contain(`/posts/${buns}"`);
    expect(lines[0]).to.contain('<p class="t-small t-2">Rye Club: No answer came. It may have been posted. Look.</p>');
    expect(lines[0]).to.match(/>(Workshops and Aarhus|Aarhus and Workshops): It is too long\. Trim it\.</u);
    expect(lines[1]).to.contain('“Stollen” failed on 2 of 3 channels').and.to.contain(`/posts/${stollen}"`);
    expect(lines[1]).to.contain('<p class="t-small t-2">It is too long. Trim it.</p>');
    expect(text).to.contain('7 things need you');
  });

  it('lists what waits for approval among what needs them, to those who may approve', async () => {
    const team = await createTeam(db());
    const channel = await connect(db(), team.id, { nickname: 'Rye Club' });
    channels.push(channel);
    await post(db(), channel, { caption: 'Rye at four', state: 'scheduled', dueAt: noon + 3 * hour });
    await db().knex('deliveries').where({ team_id: team.id }).update({ needs_approval: true, hold: 'approval' });
    await post(db(), channel, { caption: 'Approved long ago', state: 'scheduled', dueAt: noon + hour });
    const look = async (role: 'manager' | 'editor') => {
      const browser = await web.signIn(await createMember(db(), { team, role }));
      return (await browser.get(`/team/${team.id}/`)).text;
    };
    const seen = await look('manager');
    expect(seen).to.contain('“Rye at four” waits for approval').and.to.contain('2 things need you');
    expect(seen).to.contain('Look and approve').and.not.to.contain('“Approved long ago” waits');
    expect(await look('editor'))
      .to.contain('One thing needs you')
      .and.not.to.contain('waits for approval');
  });
});

describe('Days of a zone', () => {
  it('are 23 and 25 hours long where the clocks change', () => {
    const spring = dayAt(Date.UTC(2026, 2, 29, 10), 'Europe/Copenhagen');
    const autumn = dayAt(Date.UTC(2026, 9, 25, 10), 'Europe/Copenhagen');
    expect([spring.to - spring.from, autumn.to - autumn.from]).to.deep.equal([23 * hour, 25 * hour]);
  });

  it('make a week from Monday to Sunday', () => {
    const week = weekAt(noon, 'Asia/Tokyo');
    expect(week.map(({ date }) => date)).to.include.members(['2026-11-16', '2026-11-22']);
    expect(week).to.have.length(7);
  });
});

async function connect(
  db: Database,
  teamId: number,
  { nickname, state = 'connected' }: { nickname: string; state?: Channel['state'] },
): Promise<Channel> {
  const accountId = `account-${nextNumber()}`;
  const times = { access_expires_at: 0, refresh_expires_at: 0, refreshed_at: 0 };
  const tokens = { access_token: 'x', refresh_token: 'x', scopes: '[]', state: 'valid', mode: 'live' };
  const [credentialId = 0] = await db
    .knex('credentials')
    .insert({ plugin: 'tiktok', app_key: 'app', account_id: accountId, ...tokens, ...times });
  const row = { team_id: teamId, plugin: 'tiktok', credential_id: credentialId, account_id: accountId };
  const [id = 0] = await db.knex('channels').insert({ ...row, nickname, connected_at: 0 });
  const facts = { zone: 'UTC', unionId: null, username: null, avatar: null, mode: 'live', appKey: 'app' };
  const rest = { isPaused: false, scopes: [], connectedBy: null, connectedAt: 0, disconnectedAt: null };
  return { id, teamId, plugin: 'tiktok', credentialId, accountId, nickname, state, ...facts, ...rest };
}

async function post(
  db: Database,
  channel: Channel,
  { caption, state, dueAt }: { caption: string; state: string; dueAt: number },
): Promise<void> {
  const outcome = state === 'failed' ? { sentence: 'It is too long.', nextStep: 'Trim the video.' } : null;
  await plant(db, { caption, at: dueAt }, [[channel, state, outcome]]);
}

/** A post with its deliveries. */
async function plant(
  db: Database,
  { caption, at }: { caption: string; at: number },
  deliveries: readonly (readonly [Channel | undefined, string, object | null])[],
): Promise<number> {
  const [[first, state] = []] = deliveries;
  const times = { due_at: at, updated_at: at };
  const post = { caption, nonce: `nonce-${nextNumber()}`, nonce_body: 'x', created_at: 0 };
  const [postId = 0] = await db.knex('posts').insert({ ...post, ...times, team_id: first?.teamId, state });
  for (const [channel, own, outcome] of deliveries) {
    await db.knex('deliveries').insert({
      ...{ ...times, post_id: postId, team_id: channel?.teamId, channel_id: channel?.id, plugin: 'tiktok', state: own },
      ...{ options: '{}', outcome: outcome && JSON.stringify(outcome), published_at: own === 'published' ? at : null },
    });
  }
  return postId;
}
