import { expect } from 'chai';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { addMember, createPerson, createTeam } from '../../support/factories.ts';
import { openWholePanel, type WholePanel } from '../../support/whole-panel.ts';
import type { TestBrowser } from '../../support/app.ts';

const forged = { 'X-Forwarded-Host': 'evil.example', Forwarded: 'host=evil.example', 'X-Host': 'evil.example' };

describe('S31: the Host header', () => {
  let whole: WholePanel;
  let port = 0;
  let stop: () => unknown = () => undefined;
  before(async () => {
    whole = await openWholePanel({ environment: { SMTP_URL: 'smtp://127.0.0.1:9' } });
    const server = whole.web.app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address: string | AddressInfo | null = server.address();
    if (typeof address === 'object' && address !== null) ({ port } = address);
    stop = () => server.close();
  });
  after(async () => {
    stop();
    await whole.close();
  });

  /** The request's lines as they are, and the whole answer. */
  const raw = async (...lines: readonly string[]): Promise<string> => {
    const socket = connect(port, '127.0.0.1');
    socket.end(`${[...lines, 'Connection: close'].join('\r\n')}\r\n\r\n`);
    return text(socket);
  };
  const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);

  it('of another host, twice, as a whole address or missing is refused before anything is done', async () => {
    const own = 'Host: localhost:3000';
    const refused: readonly (readonly [readonly string[], number])[] = [
      [['GET / HTTP/1.1', 'Host: evil.example'], 421],
      [['GET /sign-in HTTP/1.1', 'Host: localhost:3000.evil.example'], 421],
      [['GET /sign-in HTTP/1.1', 'Host: evil.example', 'X-Forwarded-Host: localhost:3000'], 421],
      [['GET / HTTP/1.1', own, 'Host: evil.example'], 400],
      [['GET / HTTP/1.1', 'Host: evil.example', own], 400],
      [['GET http://evil.example/ HTTP/1.1', own], 400],
      [['GET http://localhost:3000/ HTTP/1.1', 'Host: evil.example'], 400],
      [['GET / HTTP/1.0'], 421],
      [['GET / HTTP/1.1', 'Host: localhost:3000@evil.example'], 421],
    ];
    for (const [lines, status] of refused) {
      const answer = await raw(...lines);
      expect(statusOf(answer), lines.join(' | ')).to.equal(status);
      expect(answer.toLowerCase(), lines.join(' | ')).not.to.match(/set-cookie|location:|href="[^"]*evil/);
    }
    expect(statusOf(await raw('GET / HTTP/1.1', own))).to.equal(200);
  });

  it('and what a proxy or a liar adds to it change no redirect, no link, no mail and no address for a network', async () => {
    const { db } = whole.web;
    const admin = await whole.web.signIn(await createPerson(db, { isAdmin: true }));
    const team = await createTeam(db);
    const person = await createPerson(db);
    await addMember(db, { team, person, role: 'owner' });
    const owner = await whole.web.signIn(person);
    const post = (who: TestBrowser, path: string, fields: Readonly<Record<string, string>>) =>
      who.post(path, fields).set(forged);

    const turnedAway = await whole.web.stranger().get(`/team/${team.id}/posts`).set(forged).expect(303);
    expect(turnedAway.headers['location']).to.match(/^\/sign-in\?next=/);

    const settings = {
      mode: 'live',
      enabled: '1',
      'live.appId': 'awkey00000000000',
      'live.appSecret': 'secret-0123456789',
    };
    const saved = await post(admin, '/admin/api-integration/tiktok', settings).expect(303);
    expect(saved.headers['location']).to.match(/^\/admin\//);
    const consent = await post(owner, `/team/${team.id}/channels/connect/tiktok`, {}).expect(303);
    const authorize = new URL(consent.headers['location'] ?? '');
    expect(authorize.searchParams.get('redirect_uri')).to.equal('http://localhost:3000/app/tiktok/profile');

    const invited = await post(owner, `/team/${team.id}/members`, { email: 'new@example.org', role: 'viewer' }).expect(
      200,
    );
    expect(invited.text).to.contain('http://localhost:3000/invitations/').and.not.to.contain('evil');
    const home = await whole.web.stranger().get('/').set(forged).expect(200);
    expect(home.text).not.to.contain('evil.example');
    // What a mail is made of later waits here.
    for (const table of ['jobs', 'events', 'one_time_links', 'notifications']) {
      if (await db.knex.schema.hasTable(table)) {
        expect(JSON.stringify(await db.knex(table).select()), table).not.to.contain('evil.example');
      }
    }
  });
});
