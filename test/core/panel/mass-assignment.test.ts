import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { putNotification } from '../../../core/notifications/outbox-store.ts';
import type { Route } from '../../../core/web/route.ts';
import type { TestBrowser } from '../../support/app.ts';
import { createMember, createPerson } from '../../support/factories.ts';
import { dump } from '../../support/replay.ts';
import { addTeamRecords } from '../../support/team-records.ts';
import { openWholePanel, type WholePanel } from '../../support/whole-panel.ts';

type Fields = Readonly<Record<string, string>>;
type Who = 'owner' | 'admin' | 'leaver' | 'stranger';

interface Form {
  /** `post` and the path of the route. */
  readonly route: string;
  readonly path: string;
  readonly who: Who;
  readonly fields: Fields;
  /** What the form answers when it works; without a network some can only be refused. */
  readonly status: number;
}

const team = '/team/1';
const tiktok = '/admin/api-integration/tiktok';
const password = 'saffron and butter';
const tokens = { password: 'p'.repeat(43), invitation: 'i'.repeat(43) };
const settings = { mode: 'live', enabled: '1', 'live.appId': 'awnew000000000000', 'live.appSecret': 'a-new-secret' };
const draft = { caption: 'A draft', act: 'draft', when: 'draft' };

/** Every form of the installation with its own fields, in an order in which each finds what it needs. */
const forms: readonly Form[] = [
  form('/sign-in', 'stranger', { email: 'nobody@example.org', password: 'x' }, 403),
  form('/account/name', 'owner', { name: 'Maja L.' }),
  form('/account/theme', 'owner', { theme: 'dark' }),
  form('/account/mail', 'owner', { mail: 'delivery-failed' }),
  form('/account/password', 'owner', { current: 'x', password }, 422),
  form('/team/:team/posts/declaration', 'owner', { channels: '1' }, 200, `${team}/posts/declaration`),
  form('/team/:team/posts', 'owner', { ...draft, nonce: 'f'.repeat(32) }, 303, `${team}/posts`),
  form('/team/:team/posts/:post', 'owner', { ...draft, version: '1' }, 303, `${team}/posts/3`),
  form('/team/:team/posts/:post/deletion', 'owner', {}, 303, `${team}/posts/3/deletion`),
  form('/team/:team/posts/:post/deliveries/:delivery/retry', 'owner', {}, 409, `${team}/posts/2/deliveries/2/retry`),
  form(
    '/team/:team/posts/:post/deliveries/:delivery/cancellation',
    'owner',
    {},
    303,
    `${team}/posts/2/deliveries/2/cancellation`,
  ),
  form('/team/:team/posts/:post/deliveries/:delivery/check', 'owner', {}, 409, `${team}/posts/2/deliveries/2/check`),
  form(
    '/team/:team/posts/:post/deliveries/:delivery/posted',
    'owner',
    { link: 'not a link' },
    422,
    `${team}/posts/2/deliveries/2/posted`,
  ),
  form(
    '/team/:team/posts/:post/deliveries/:delivery/not-posted',
    'owner',
    { confirmation: 'again' },
    409,
    `${team}/posts/2/deliveries/2/not-posted`,
  ),
  form('/team/:team/posts/:post/deliveries/:delivery/drop', 'owner', {}, 409, `${team}/posts/2/deliveries/2/drop`),
  form(
    '/team/:team/posts/:post/deliveries/:delivery/dismissal',
    'owner',
    {},
    409,
    `${team}/posts/2/deliveries/2/dismissal`,
  ),
  form('/team/:team/posts/:post/cancellation', 'owner', {}, 303, `${team}/posts/1/cancellation`),
  form('/team/:team/notifications/:notification/look', 'owner', {}, 303, `${team}/notifications/1/look`),
  form('/team/:team/notifications/read', 'owner', { upto: '2' }, 303, `${team}/notifications/read`),
  form('/team/:team/channels/connect/:plugin', 'owner', {}, 400, `${team}/channels/connect/tiktok`),
  form('/team/:team/channels/:channel/refresh', 'owner', {}, 303, `${team}/channels/1/refresh`),
  form('/team/:team/channels/:channel/pause', 'owner', {}, 303, `${team}/channels/1/pause`),
  form('/team/:team/channels/:channel/resume', 'owner', {}, 303, `${team}/channels/1/resume`),
  form('/team/:team/channels/:channel/disconnection', 'owner', {}, 303, `${team}/channels/1/disconnection`),
  form('/team/:team/files', 'owner', {}, 403, `${team}/files`),
  form('/team/:team/files/:media/removal', 'owner', {}, 303, `${team}/files/1/removal`),
  form('/team/:team/members', 'owner', { email: 'new@example.org', role: 'viewer' }, 200, `${team}/members`),
  form('/team/:team/members/:user/role', 'owner', { role: 'viewer' }, 303, `${team}/members/2/role`),
  form('/team/:team/members/:user/removal', 'owner', {}, 303, `${team}/members/2/removal`),
  form('/team/:team/invitations/:invitation/withdrawal', 'owner', {}, 303, `${team}/invitations/3/withdrawal`),
  form('/admin/api-integration/:plugin', 'admin', settings, 303, tiktok),
  form('/admin/api-integration/:plugin/test', 'admin', settings, 200, `${tiktok}/test`),
  form(
    '/admin/api-integration/:plugin/secret-removal',
    'admin',
    { secret: 'live.appSecret' },
    303,
    `${tiktok}/secret-removal`,
  ),
  form('/admin/users', 'admin', { name: 'Nils', email: 'nils@example.org' }, 200),
  form('/admin/users/:user/links', 'admin', {}, 200, '/admin/users/2/links'),
  form('/admin/users/:user/disabling', 'admin', {}, 303, '/admin/users/2/disabling'),
  form('/admin/users/:user/enabling', 'admin', {}, 303, '/admin/users/2/enabling'),
  form('/admin/teams', 'admin', { name: 'Northlight', zone: 'UTC' }),
  form('/admin/jobs/:job/retry', 'admin', {}, 303, '/admin/jobs/901/retry'),
  form('/admin/jobs/:job/discarding', 'admin', {}, 303, '/admin/jobs/902/discarding'),
  form('/password/:token', 'leaver', { password }, 303, `/password/${tokens.password}`),
  form('/invitations/:token', 'admin', { name: 'Ola', password }, 303, `/invitations/${tokens.invitation}`),
  form('/sign-out', 'owner', {}),
];

function form(path: string, who: Who, ...[fields, status = 303, at = path]: [Fields, number?, string?]): Form {
  return { route: `post ${path}`, path: at, who, fields, status };
}

/** Columns that somebody would like to set, each with a value that would show. */
const others: Fields = {
  ...{ role: 'owner', is_admin: '1', team_id: '999', user_id: '2', id: '999', state: 'published', fence: '999' },
  ...{ publish_id: 'v_pub_mine', access_enc: 'x', access_token: 'x', verified: '1', __v: '9', version: '1' },
  ...{ created_by: '2', createdBy: '2', actor_id: '2', plugin: 'paperboy', disabled_at: '1', password_hash: 'x' },
  ...{ is_paused: '1', due_at: '1', expires_at: '9', hold: 'x', 'user[is_admin]': '1', '__proto__[is_admin]': '1' },
};

/** Not fields of these forms, although named like one of another. */
const ofOtherForms: Fields = { isAdmin: '1', team: '1', channel: '999', email: 'mine@example.org' };

interface Installation {
  readonly whole: WholePanel;
  readonly browsers: Readonly<Record<Who, TestBrowser>>;
}

/** The same people and records in every database: what differs afterwards came from the forms. */
async function openInstallation(): Promise<Installation> {
  const whole = await openWholePanel();
  const { web } = whole;
  const { team: place } = await addTeamRecords(web);
  const owner = await createMember(web.db, { team: place, role: 'owner', name: 'Maja', email: 'maja@example.org' });
  const other = await createMember(web.db, { team: place, role: 'editor', name: 'Ida', email: 'ida@example.org' });
  const admin = await createPerson(web.db, { isAdmin: true, name: 'Ines', email: 'ines@example.org' });
  const leaver = await createPerson(web.db, { name: 'Ola', email: 'ola@example.org' });
  const invited = await createPerson(web.db, { name: 'Pia', email: 'pia@example.org' });
  expect([owner.id, other.id, leaver.id]).to.deep.equal([1, 2, 4]);
  const told = { kind: 'reconnect-needed', teamId: place.id, subjectId: 1 } as const;
  for (const channel of ['Hazel', 'Rye']) {
    const facts = { channel, plugin: 'tiktok', because: 'network' } as const;
    await putNotification(web.db.knex, whole.panel.base, { ...told, facts });
  }
  const failed = { kind: 'tiktok:sync', payload: '{}', state: 'failed', run_at: 0, created_at: 0, updated_at: 0 };
  await web.db.knex('jobs').insert([901, 902].map((id) => ({ ...failed, id, key: String(id) })));
  const times = { created_at: 0, expires_at: web.clock.now() + 1_000_000 };
  const hash = (token: string): string => createHash('sha256').update(token).digest('hex');
  await web.db.knex('one_time_links').insert([
    { purpose: 'password', user_id: leaver.id, token_hash: hash(tokens.password), ...times },
    {
      ...{ purpose: 'invitation', user_id: invited.id, token_hash: hash(tokens.invitation), ...times },
      ...{ team_id: place.id, role: 'viewer' },
    },
  ]);
  const browsers = {
    owner: await web.signIn(owner),
    admin: await web.signIn(admin),
    leaver: await web.signIn(leaver),
    stranger: web.stranger(),
  };
  return { whole, browsers };
}

/** Everything but what is drawn by lot: hashes and seals, of which only whether they are there counts. */
async function contentOf({ whole }: Installation): Promise<string> {
  const drawn = /^(token_hash|password_hash|nonce|nonce_body|edit_body|value|check_value|sealed|code)$/;
  const rows = await dump(whole.web.db, ['sessions', 'attempt_counts', 'oauth_states', 'key_checks']);
  return JSON.stringify(
    JSON.parse(rows, (name, value: unknown) => (drawn.test(name) && value !== null ? 'drawn' : value)),
    null,
    1,
  );
}

describe('A form of the installation', function () {
  this.timeout(60_000);
  let plain: Installation;
  let attacked: Installation;
  before(async () => {
    plain = await openInstallation();
    attacked = await openInstallation();
  });
  after(async () => {
    await plain.whole.close();
    await attacked.whole.close();
  });

  it('S3: is known to this test, so that a new one is attacked, too', () => {
    const isForm = ({ method, csrf }: Route): boolean => method === 'post' && csrf !== false;
    const declared = plain.whole.routes.filter(isForm).map(({ method, path }) => `${method} ${path}`);
    expect(forms.map(({ route }) => route).sort()).to.deep.equal([...declared].sort());
  });

  it('S3: does the same with every column of the database as a further field as without', async () => {
    expect(await contentOf(attacked)).to.equal(await contentOf(plain));
    let before = await contentOf(plain);
    for (const { route, path, who, fields, status } of forms) {
      const isOpen = !route.startsWith('post /admin/users') && !route.includes('/connect/');
      const more = { ...others, ...(isOpen ? ofOtherForms : {}), ...fields };
      const fitting = route === 'post /account/theme' ? { ...more, email: 'x@example.org' } : more;
      const without = await plain.browsers[who].post(path, fields);
      const withMore = await attacked.browsers[who].post(path, fitting);
      expect(without.status, `${route}: ${without.text.slice(0, 4_000)}`).to.equal(status);
      expect(withMore.status, route).to.equal(status);
      const after = await contentOf(plain);
      expect(await contentOf(attacked), route).to.equal(after);
      if (status === 303 && !/sign-out|theme|refresh/.test(route))
        expect(after, `${route} did nothing`).not.to.equal(before);
      before = after;
    }
  });
});
