export type Fields = Readonly<Record<string, string>>;
export type Who = 'owner' | 'admin' | 'leaver' | 'stranger';

export interface Form {
  /** `post` and the path of the route. */
  readonly route: string;
  readonly path: string;
  readonly who: Who;
  readonly fields: Fields;
  /** What the form answers when it works; without a network some can only be refused. */
  readonly status: number;
  /** A table is sent as a file, an upload is begun by tus; without it as any form. */
  readonly by?: 'table' | 'tus';
}

const team = '/team/1';
const batch = `${team}/batches/1`;
const tiktok = '/admin/api-integration/tiktok';
const password = 'saffron and butter';
export const tokens = { password: 'p'.repeat(43), invitation: 'i'.repeat(43) };
const settings = { mode: 'live', enabled: '1', 'live.appId': 'awnew000000000000', 'live.appSecret': 'a-new-secret' };
const tomorrow = { date: '2026-11-22', time: '09:00' };
const hashtags = { kind: 'hashtags', name: 'Bakery', text: '#bakery' };
const privacy = 'options.1.privacy';
const options = { groups: '1', [privacy]: 'PUBLIC_TO_EVERYONE' };
const draft = { caption: 'A draft', act: 'draft', when: 'draft' };

/** Every form of the installation with its own fields, in an order in which each finds what it needs. */
export const forms: readonly Form[] = [
  form('/sign-in', 'stranger', { email: 'nobody@example.org', password: 'x' }, 403),
  form('/password/forgotten', 'stranger', { email: 'maja@example.org' }, 403),
  form('/sign-in/code', 'stranger', { code: '123456' }, 403),
  form('/account/name', 'owner', { name: 'Maja L.' }),
  form('/account/email', 'owner', { email: 'maja.new@example.org' }, 409),
  form('/account/email/:token', 'owner', {}, 404, `/account/email/${'a'.repeat(43)}`),
  form('/account/theme', 'owner', { theme: 'dark' }),
  form('/account/language', 'owner', { language: 'en' }),
  form('/account/mail', 'owner', { mail: 'delivery-failed' }),
  form('/account/weekly', 'owner', { team: '1' }),
  form('/account/weekly/:team', 'owner', {}, 303, '/account/weekly/1'),
  form('/account/password', 'owner', { current: 'x', password }, 422),
  form('/account/second-factor/setup', 'owner', {}, 200),
  form('/account/second-factor', 'owner', { kept: 'x', code: '123456' }, 409),
  form('/account/second-factor/recovery-codes', 'owner', {}, 409),
  form('/account/second-factor/removal', 'owner', {}),
  form('/account/sessions/ending', 'owner', {}),
  form('/account/sessions/:session/ending', 'owner', {}, 404, '/account/sessions/0123456789abcdef/ending'),
  form('/team/:team/posts/declaration', 'owner', { channels: '1' }, 200, `${team}/posts/declaration`),
  form('/team/:team/posts/options', 'owner', { channels: '1' }, 200, `${team}/posts/options?channel=1`),
  form('/team/:team/posts/chosen-media', 'owner', { channels: '1', media: '1' }, 200, `${team}/posts/chosen-media`),
  form('/team/:team/posts/same-text', 'owner', { channels: '1', caption: 'Post 2' }, 200, `${team}/posts/same-text`),
  form('/team/:team/posts', 'owner', { ...draft, nonce: 'f'.repeat(32) }, 303, `${team}/posts`),
  form('/team/:team/posts/:post', 'owner', { ...draft, version: '1' }, 303, `${team}/posts/3`),
  form('/team/:team/posts/:post/move', 'owner', { version: '2', ...tomorrow }, 303, `${team}/posts/3/move`),
  form('/team/:team/posts/:post/deletion', 'owner', {}, 303, `${team}/posts/3/deletion`),
  form(
    '/team/:team/posts/drafts',
    'owner',
    { caption: 'Cinnamon', nonce: 'd'.repeat(32) },
    200,
    `${team}/posts/drafts`,
  ),
  form('/team/:team/posts/:post/draft', 'owner', { caption: 'Rye', version: '1' }, 200, `${team}/posts/2/draft`),
  form('/team/:team/posts/:post/draft/removal', 'owner', {}, 303, `${team}/posts/2/draft/removal`),
  form('/team/:team/posts/:post/approval', 'owner', { seen: '3:1' }, 303, `${team}/posts/4/approval`),
  form('/team/:team/posts/:post/return', 'owner', { seen: '4:1', comment: 'Too dark.' }, 303, `${team}/posts/5/return`),
  form('/team/:team/posts/:post/separation', 'owner', {}, 409, `${team}/posts/5/separation`),
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
  // Row 8: the posts before it are the three of the team, the two that wait, and two drafts from above.
  form('/team/:team/batches', 'owner', { channels: '1' }, 303, `${team}/batches`),
  form('/team/:team/batches/:batch/rows', 'owner', { media: '1', place: '0' }, 201, `${batch}/rows`),
  form('/team/:team/batches/:batch/captions', 'owner', { rows: '8:1' }, 200, `${batch}/captions`),
  form('/team/:team/batches/:batch/rows/:post', 'owner', { version: '2', caption: 'Bun' }, 200, `${batch}/rows/8`),
  form('/team/:team/batches/:batch/channels', 'owner', { rows: '8:3', channels: '1' }, 200, `${batch}/channels`),
  form(
    '/team/:team/batches/:batch/times',
    'owner',
    { rows: '8:4', from: tomorrow.date, times: tomorrow.time },
    200,
    `${batch}/times`,
  ),
  form('/team/:team/batches/:batch/options', 'owner', { ...options, [privacy]: 'SELF_ONLY' }, 204, `${batch}/options`),
  form(
    '/team/:team/batches/:batch/schedule',
    'owner',
    { ...options, rows: '8:5', nonce: 'b'.repeat(32) },
    303,
    `${batch}/schedule`,
  ),
  form('/team/:team/batches/:batch/rows/:post/removal', 'owner', {}, 200, `${batch}/rows/8/removal`),
  { ...form('/team/:team/batches/import', 'owner', {}, 303, `${team}/batches/import`), by: 'table' },
  form('/team/:team/batches/imports/:import', 'owner', {}, 303, `${team}/batches/imports/1`),
  form('/team/:team/captions', 'owner', hashtags, 303, `${team}/captions`),
  form('/team/:team/captions/:caption', 'owner', { ...hashtags, text: '#rye' }, 303, `${team}/captions/1`),
  form('/team/:team/captions/:caption/deletion', 'owner', {}, 303, `${team}/captions/1/deletion`),
  form('/team/:team/settings', 'owner', { zone: 'Europe/Oslo', grace: '12', approval: '1' }, 303, `${team}/settings`),
  form('/team/:team/settings/slots/:channel', 'owner', { day1: '7:30, 18:00' }, 303, `${team}/settings/slots/1`),
  form('/team/:team/notifications/:notification/look', 'owner', {}, 303, `${team}/notifications/1/look`),
  form('/team/:team/notifications/read', 'owner', { upto: '2' }, 303, `${team}/notifications/read`),
  form('/team/:team/channels/connect/:plugin', 'owner', {}, 400, `${team}/channels/connect/tiktok`),
  form('/team/:team/channels/:channel/refresh', 'owner', {}, 303, `${team}/channels/1/refresh`),
  form('/team/:team/channels/connect-link/:token', 'owner', {}, 404, `${team}/channels/connect-link/${'c'.repeat(43)}`),
  form('/team/:team/channels/:channel/check/renewal', 'owner', {}, 409, `${team}/channels/1/check/renewal`),
  form('/team/:team/channels/:channel/pause', 'owner', {}, 303, `${team}/channels/1/pause`),
  form('/team/:team/channels/:channel/resume', 'owner', {}, 303, `${team}/channels/1/resume`),
  form('/team/:team/channels/:channel/disconnection', 'owner', {}, 303, `${team}/channels/1/disconnection`),
  form('/team/:team/files', 'owner', {}, 403, `${team}/files`),
  { ...form('/team/:team/files/uploads', 'owner', {}, 201, `${team}/files/uploads`), by: 'tus' },
  form('/team/:team/files/uploads/:upload/removal', 'owner', {}, 303, `${team}/files/uploads/:upload/removal`),
  form('/team/:team/files/:media/removal', 'owner', {}, 303, `${team}/files/2/removal`),
  form('/team/:team/activity/export', 'owner', {}, 200, `${team}/activity/export`),
  form('/team/:team/members', 'owner', { email: 'new@example.org', role: 'viewer' }, 200, `${team}/members`),
  form('/team/:team/members/:user/role', 'owner', { role: 'viewer' }, 303, `${team}/members/2/role`),
  form('/team/:team/members/:user/removal', 'owner', {}, 303, `${team}/members/2/removal`),
  form('/team/:team/invitations/:invitation/renewal', 'owner', {}, 200, `${team}/invitations/3/renewal`),
  form('/team/:team/invitations/:invitation/withdrawal', 'owner', {}, 303, `${team}/invitations/4/withdrawal`),
  form('/admin/api-integration/:plugin', 'admin', settings, 303, tiktok),
  form('/admin/api-integration/:plugin/test', 'admin', settings, 200, `${tiktok}/test`),
  form('/admin/api-integration/:plugin/check', 'admin', { check: 'database' }, 303, `${tiktok}/check`),
  form(
    '/admin/api-integration/:plugin/secret-removal',
    'admin',
    { secret: 'live.appSecret' },
    303,
    `${tiktok}/secret-removal`,
  ),
  form('/admin/going-live/:plugin/steps/:step', 'admin', { done: '1' }, 303, '/admin/going-live/tiktok/steps/use'),
  form('/admin/going-live/:plugin/icon', 'admin', {}, 403, '/admin/going-live/tiktok/icon'),
  form('/admin/going-live/:plugin/recording', 'admin', {}, 303, '/admin/going-live/tiktok/recording'),
  form('/admin/going-live/:plugin/recording/end', 'admin', {}, 303, '/admin/going-live/tiktok/recording/end'),
  form('/admin/going-live/:plugin/comment', 'admin', { comment: 'Demo' }, 200, '/admin/going-live/tiktok/comment'),
  form('/admin/site', 'admin', { name: 'Castdeck', accent: '#aa3366', language: 'en' }),
  form('/admin/site/logo/square', 'admin', {}, 403),
  form('/admin/site/logo/square/removal', 'admin', {}),
  form('/admin/site/logo/wide', 'admin', {}, 403),
  form('/admin/site/logo/wide/removal', 'admin', {}),
  form('/admin/site/legal/:page', 'admin', { content: 'Ours.', for: 'en' }, 303, '/admin/site/legal/privacy'),
  form(
    '/admin/site/legal/:page/versions/:version/restoration',
    'admin',
    {},
    303,
    '/admin/site/legal/privacy/versions/1/restoration',
  ),
  form('/admin/site/verification', 'admin', { name: 'proof.txt', content: 'proof' }),
  form('/admin/site/verification/upload', 'admin', {}, 403),
  form('/admin/site/verification/dns', 'admin', { code: 'x' }, 422),
  form('/admin/site/verification/:file/check', 'admin', {}, 200, '/admin/site/verification/1/check'),
  form('/admin/site/verification/:file/removal', 'admin', {}, 303, '/admin/site/verification/1/removal'),
  form('/admin/users', 'admin', { name: 'Nils', email: 'nils@example.org' }, 200),
  form('/admin/users/:user/links', 'admin', {}, 200, '/admin/users/2/links'),
  form('/admin/users/:user/email', 'admin', { email: 'ida.new@example.org' }, 303, '/admin/users/2/email'),
  form('/admin/users/:user/second-factor-removal', 'admin', {}, 303, '/admin/users/2/second-factor-removal'),
  form('/admin/users/:user/disabling', 'admin', {}, 303, '/admin/users/2/disabling'),
  form('/admin/users/:user/enabling', 'admin', {}, 303, '/admin/users/2/enabling'),
  form('/admin/teams', 'admin', { name: 'Northlight', zone: 'UTC' }),
  form('/team/:team/deletion', 'owner', { name: 'Another' }, 422, '/team/1/deletion'),
  form('/admin/teams/:team/deletion', 'admin', { name: 'Another' }, 422, '/admin/teams/1/deletion'),
  form('/admin/teams/:team/owner', 'admin', { email: 'new@example.org' }, 409, '/admin/teams/1/owner'),
  form('/admin/audit/export', 'admin', { kind: 'people' }, 200),
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
export const others: Fields = {
  ...{ role: 'owner', is_admin: '1', team_id: '999', user_id: '2', id: '999', state: 'published', fence: '999' },
  ...{ publish_id: 'v_pub_mine', access_enc: 'x', access_token: 'x', verified: '1', __v: '9', version: '1' },
  ...{ created_by: '2', createdBy: '2', actor_id: '2', plugin: 'paperboy', disabled_at: '1', password_hash: 'x' },
  ...{ is_paused: '1', due_at: '1', expires_at: '9', hold: 'x', 'user[is_admin]': '1', '__proto__[is_admin]': '1' },
  ...{ needs_approval: '0', batch_id: '999', revised_by: '2', planned_date: '2030-01-01' },
};

/** Not fields of these forms, although named like one of another. */
export const ofOtherForms: Fields = { isAdmin: '1', team: '1', channel: '999', email: 'mine@example.org' };
