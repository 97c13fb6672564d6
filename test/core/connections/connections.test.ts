import { expect } from 'chai';
import type { TestBrowser } from '../../support/app.ts';
import { addMember, createPerson, createTeam } from '../../support/factories.ts';
import { openWholePanel, type WholePanel } from '../../support/whole-panel.ts';

const dayMs = 86_400_000;
const address = '/admin/api-integration/tiktok/connections';
const all = ['user.info.basic', 'user.info.profile', 'user.info.stats', 'video.list', 'video.publish'];

describe('The page of connections', () => {
  let whole: WholePanel;
  let admin: TestBrowser;
  let adminId = 0;
  let now = 0;
  let teams: readonly { readonly id: number; readonly name: string }[] = [];

  before(async () => {
    whole = await openWholePanel({
      environment: { TIKTOK_CLIENT_KEY: 'awlive000000', TIKTOK_CLIENT_SECRET: 'secret-of-live' },
    });
    const person = await createPerson(whole.web.db, { isAdmin: true, name: 'Ines Holm' });
    adminId = person.id;
    admin = await whole.web.signIn(person);
    now = whole.web.clock.now();
    teams = [
      await createTeam(whole.web.db, { name: 'Hazel & Rye' }),
      await createTeam(whole.web.db, { name: 'Oat House' }),
    ];
  });
  after(() => whole.close());
  beforeEach(async () => {
    for (const table of ['channels', 'credentials']) await whole.web.db.knex(table).delete();
  });

  /** Puts many in at once; what is given decides over what is usual. */
  async function connect(count: number, facts: { of?: number; credential?: object; channel?: object } = {}) {
    const { knex } = whole.web.db;
    const before = (await knex('credentials').select('id')).length;
    const ids = Array.from({ length: count }, (_, index) => before + index + 1);
    const credentials = ids.map((id) => ({
      ...{ id, plugin: 'tiktok', app_key: 'awlive000000', account_id: `open-${id}`, mode: 'live', state: 'valid' },
      ...{ access_token: 'sealed-access', refresh_token: 'sealed-refresh', scopes: JSON.stringify(all) },
      ...{ access_expires_at: now + dayMs, refresh_expires_at: now + 300 * dayMs, refreshed_at: now - 3_600_000 },
      ...facts.credential,
    }));
    const channels = ids.map((id) => ({
      ...{ id, team_id: teams[facts.of ?? 0]?.id, credential_id: id, plugin: 'tiktok', account_id: `open-${id}` },
      ...{ nickname: `Bakery ${id}`, username: `bakery${id}`, connected_by: adminId, connected_at: now - 9 * dayMs },
      ...facts.channel,
    }));
    await knex.batchInsert('credentials', credentials, 50);
    await knex.batchInsert('channels', channels, 50);
  }

  const shown = (text: string): readonly number[] =>
    [...text.matchAll(/<tr data-channel="(\d+)"/g)].map(([, id]) => Number(id));
  const rowOf = (text: string, id: number): string =>
    new RegExp(`<tr data-channel="${id}"[^]*?</tr>`).exec(text)?.[0] ?? '';

  it('shows of every channel its team, app, access, last refresh, who connected it, and never a token', async () => {
    await connect(1);
    await connect(1, { of: 1, credential: { refresh_failed_at: now - 60_000, refresh_failed_code: 'invalid_client' } });
    const { text, status } = await admin.get(address);
    expect(status).to.equal(200);
    expect(rowOf(text, 1))
      .to.contain('Bakery 1')
      .and.to.contain('@bakery1 · Hazel &amp; Rye')
      .and.to.contain('<span class="cd-tag">Live</span>')
      .and.to.contain('>awlive000000</code>')
      .and.to.contain('data-state="connected"')
      .and.to.contain(`datetime="${new Date(now + dayMs).toISOString()}"`)
      .and.to.contain(`datetime="${new Date(now + 300 * dayMs).toISOString()}"`)
      .and.to.contain('>Worked</span>')
      .and.to.contain('Ines Holm');
    expect(rowOf(text, 2)).to.contain('data-code="invalid_client"').and.to.contain('>Failed</span>');
    expect(text).not.to.contain('sealed-');
  });

  it('says what was not granted, whose app is gone, what ends soon and what needs reconnecting', async () => {
    await connect(1, { credential: { scopes: JSON.stringify(all.filter((scope) => scope !== 'video.list')) } });
    await connect(1, { credential: { app_key: 'awreplaced00' } });
    await connect(1, { credential: { refresh_expires_at: now + 3 * dayMs, access_expires_at: now - 1 } });
    await connect(1, { credential: { state: 'reconnect-needed' }, channel: { is_paused: true } });
    const { text } = await admin.get(address);
    expect(rowOf(text, 1)).to.contain('data-scope="video.list"').and.not.to.contain('data-scope="video.publish"');
    expect(rowOf(text, 2)).to.contain('>Replaced app</span>').and.to.contain('data-state="reconnect-needed"');
    expect(rowOf(text, 3)).to.contain('data-ending').and.to.contain('data-over');
    expect(rowOf(text, 4)).to.contain('data-state="reconnect-needed"');
    expect(shown((await admin.get(`${address}?show=reconnect`)).text)).to.deep.equal([2, 4]);
    expect(shown((await admin.get(`${address}?missing=video.list`)).text)).to.deep.equal([1]);
    expect(shown((await admin.get(`${address}?missing=nothing`)).text)).to.deep.equal([1, 2, 3, 4]);
    expect(shown((await admin.get(`${address}?app=live`)).text)).to.deep.equal([1, 3, 4]);
    expect(shown((await admin.get(`${address}?app=sandbox`)).text)).to.deep.equal([]);
    expect(shown((await admin.get(`${address}?show=failed`)).text)).to.deep.equal([]);
  });

  it('leads an admin to a channel only inside teams of their own', async () => {
    await connect(1, { credential: { state: 'reconnect-needed' } });
    await connect(1, { of: 1 });
    const [team] = teams;
    if (team === undefined) throw new Error('There is no team.');
    const person = await createPerson(whole.web.db, { isAdmin: true });
    await addMember(whole.web.db, { team, person, role: 'owner' });
    const { text } = await (await whole.web.signIn(person)).get(address);
    expect(rowOf(text, 1))
      .to.contain(`href="/team/${team.id}/channels/1"`)
      .and.to.contain(`href="/team/${team.id}/channels/reconnection/tiktok"`);
    expect(rowOf(text, 2)).not.to.contain('href="/team/');
    expect(rowOf((await admin.get(address)).text, 1)).not.to.contain('href="/team/');
  });

  it('turns pages by key through 1,000 channels of two teams, each once', async () => {
    await connect(500, { of: 1 });
    await connect(500);
    const seen: number[] = [];
    let path: string | undefined = address;
    while (path !== undefined) {
      const { text } = await admin.get(path);
      seen.push(...shown(text));
      path = /href="([^"]+)" rel="next"/.exec(text)?.[1]?.replaceAll('&amp;', '&');
    }
    expect(seen).to.have.length(1000);
    expect(new Set(seen).size).to.equal(1000);
    const second = `${address}?show=all&after=${teams[0]?.id}.550`;
    const back = /href="([^"]+)" rel="prev"/.exec((await admin.get(second)).text)?.[1]?.replaceAll('&amp;', '&');
    expect(shown((await admin.get(back ?? '')).text)).to.deep.equal(shown((await admin.get(address)).text));
  });

  it('is reached from the settings of the network, and shows nothing to others', async () => {
    expect((await admin.get('/admin/api-integration/tiktok')).text).to.contain(`href="${address}"`);
    expect((await admin.get('/admin/api-integration/nothing/connections')).status).to.equal(404);
    const person = await createPerson(whole.web.db);
    expect((await (await whole.web.signIn(person)).get(address)).status).to.equal(403);
  });
});
