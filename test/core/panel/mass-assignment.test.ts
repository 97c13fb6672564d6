import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { putNotification } from '../../../core/notifications/outbox-store.ts';
import type { Response } from 'supertest';
import { z } from 'zod';
import type { Route } from '../../../core/web/route.ts';
import type { TestApp, TestBrowser } from '../../support/app.ts';
import { createMember, createPerson } from '../../support/factories.ts';
import { dump } from '../../support/replay.ts';
import { addTeamRecords } from '../../support/team-records.ts';
import { openWholePanel, type WholePanel } from '../../support/whole-panel.ts';
import { type Fields, type Form, forms, ofOtherForms, others, tokens, type Who } from './forms.ts';

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
  await addWaitingPosts(web, { teamId: place.id, by: { id: other.id, name: 'Ida' } });
  const file = { team_id: place.id, kind: 'picture', type: 'image/png', bytes: 9, width: 9, height: 9, created_at: 0 };
  await web.db.knex('media').insert({ ...file, file_name: 'Rye.png', stored_name: 'rye.png', sha256: 'b'.repeat(64) });
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

/** Posts 4 and 5 of an editor wait for a manager (deliveries 3 and 4). */
async function addWaitingPosts(
  { db, clock }: TestApp,
  { teamId, by }: { readonly teamId: number; readonly by: { readonly id: number; readonly name: string } },
): Promise<void> {
  const now = clock.now();
  const dueAt = now + 86_400_000;
  const times = { due_at: dueAt, updated_at: now };
  for (const id of [4, 5]) {
    const post = { id, team_id: teamId, caption: `Post ${id}`, state: 'scheduled', created_by: by.id, created_at: now };
    await db.knex('posts').insert({ ...post, ...times, nonce: `n${id}`, nonce_body: 'x' });
    await db.knex('deliveries').insert({
      ...{ post_id: id, team_id: teamId, channel_id: 1, plugin: 'tiktok', state: 'scheduled', options: '{}' },
      ...{ due_wall: '2026-11-22T13:00', due_zone: 'UTC', hold: 'approval', needs_approval: true, ...times },
    });
  }
}

/** Sends a form as its page does; what has a drawn name in its address is looked up. */
async function send({ whole, browsers }: Installation, form: Form, fields: Fields): Promise<Response> {
  const browser = browsers[form.who];
  if (form.by === 'tus') {
    const metadata = { filename: 'Rye.mp4', ...fields };
    const words = Object.entries(metadata).map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`);
    return browser
      .send('post', form.path)
      .set({ Origin: whole.web.publicUrl, 'x-csrf-token': browser.csrfToken, 'tus-resumable': '1.0.0' })
      .set({ 'upload-length': '9', 'upload-metadata': words.join(',') });
  }
  if (form.by === 'table') {
    const request = browser.send('post', form.path).set('Origin', whole.web.publicUrl);
    // So many fields beside the file are taken at the most.
    const few = Object.fromEntries(Object.entries(fields).slice(0, 3));
    return request
      .field({ _csrf: browser.csrfToken, ...few })
      .attach('file', Buffer.from('file,caption,channels\nLucia.mp4,Lucia buns,\n'), 'december.csv');
  }
  const upload = form.path.includes(':upload')
    ? z.object({ id: z.string() }).parse(await whole.web.db.knex('uploads').first('id')).id
    : '';
  return browser.post(form.path.replace(':upload', upload), fields);
}

/** Everything but what is drawn by lot: hashes and seals, of which only whether they are there counts. */
async function contentOf({ whole }: Installation): Promise<string> {
  const drawn = /^(token_hash|password_hash|nonce|nonce_body|edit_body|value|check_value|sealed|code)$/;
  const isDrawn = (name: string, value: unknown): boolean =>
    (drawn.test(name) && value !== null) || (name === 'id' && /^[0-9a-f]{32}$/.test(String(value)));
  const rows = await dump(whole.web.db, ['sessions', 'attempt_counts', 'oauth_states', 'key_checks']);
  return JSON.stringify(
    JSON.parse(rows, (name, value: unknown) => (isDrawn(name, value) ? 'drawn' : value)),
    null,
    1,
  );
}

/** What changes nothing that is compared: parts of a page, the session, the theme's cookie. */
const onlyShows =
  /sign-out|theme|second-factor|sessions\/ending|refresh|recording|comment$|plugin\/test$|:file\/check$|posts\/(declaration|options|chosen-media|same-text)$/;

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
    for (const form of forms) {
      const { route, fields, status } = form;
      const isOpen = !route.startsWith('post /admin/users') && !route.includes('/connect/');
      const more = { ...others, ...(isOpen ? ofOtherForms : {}), ...fields };
      const fitting = route === 'post /account/theme' ? { ...more, email: 'x@example.org' } : more;
      const without = await send(plain, form, fields);
      const withMore = await send(attacked, form, fitting);
      expect(without.status, `${route}: ${without.text.slice(0, 4_000)}`).to.equal(status);
      expect(withMore.status, route).to.equal(status);
      const after = await contentOf(plain);
      expect(await contentOf(attacked), route).to.equal(after);
      if (status < 400 && !onlyShows.test(route)) expect(after, `${route} did nothing`).not.to.equal(before);
      before = after;
    }
  });
});
