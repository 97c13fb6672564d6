import { DeskPerson } from '../support/desk-person.ts';
import type { World } from '../support/world.ts';

/** Who looks at which pages: what no link leads to is named, the rest is found by following links. */
export interface Tour {
  readonly starts: readonly string[];
  /** Links are followed below this path. */
  readonly below: string;
  readonly leastPages: number;
}

export const visitors = ['anonymous', 'admin', 'owner', 'viewer'] as const;
export type Visitor = (typeof visitors)[number];

const refused = '/app/tiktok/profile?error=access_denied&state=unknown';

/** Of a world with a busy team. */
export async function tourOf(world: World, visitor: Visitor): Promise<Tour> {
  const { teamPath, db } = world;
  const idsOf = async (table: string): Promise<readonly number[]> => db.knex(table).orderBy('id').pluck<number[]>('id');
  const posts = (await idsOf('posts')).map((id) => `${teamPath}/posts/${id}`);
  const [channel] = await idsOf('channels');
  switch (visitor) {
    case 'anonymous':
      return { starts: ['/', '/sign-in', '/nowhere', refused], below: '/', leastPages: 6 };
    case 'admin': {
      const starts = ['/admin/api-integration', '/account', refused, '/help/errors', '/help/errors/invalid_grant'];
      return { starts, below: '/admin', leastPages: 8 };
    }
    case 'owner': {
      const starts = [
        `${teamPath}/`,
        `${teamPath}/attention`,
        '/account',
        `${teamPath}/posts/new?channel=${channel ?? 0}`,
        ...posts,
      ];
      return { starts: [...starts, `${teamPath}/channels/connected?connected=1`], below: '/team', leastPages: 15 };
    }
    case 'viewer':
      return { starts: [`${teamPath}/`, `${teamPath}/nowhere`], below: '/team', leastPages: 7 };
  }
}

/** Pages that are looked at in every language: those of setting the installation up and of its people. */
export async function pagesInEveryLanguage(world: World, visitor: Visitor): Promise<readonly string[]> {
  const { teamPath, db } = world;
  const [channel] = await db.knex('channels').orderBy('id').pluck<number[]>('id');
  const network = '/admin/api-integration/tiktok';
  const live = '/admin/going-live/tiktok';
  const ofSite = ['', '/legal', '/legal/privacy', '/verification'].map((page) => `/admin/site${page}`);
  const ofLive = ['', '/texts', '/film', '/comment', '/pack'].map((page) => `${live}${page}`);
  const ofHelp = ['/help/errors', '/help/errors/scope_not_authorized'];
  const ofPeople = ['/admin/users', '/admin/audit', '/account', '/account/second-factor'];
  switch (visitor) {
    case 'anonymous':
      return ['/', '/sign-in', '/privacy-policy', '/password/forgotten', refused];
    case 'admin':
      return [network, `${network}/connections`, ...ofSite, ...ofLive, ...ofHelp, ...ofPeople];
    case 'owner':
      return ['/members', '/activity', `/channels/${channel ?? 0}/check`].map((page) => `${teamPath}${page}`);
    case 'viewer':
      return [];
  }
}

/** What those pages show beyond the first visit: a setup check that was done, somebody who is invited. */
export async function prepareTour({ url, teamPath, admin, owner }: World): Promise<void> {
  const [setUp, atHome] = await Promise.all([
    DeskPerson.signIn(url, teamPath, admin),
    DeskPerson.signIn(url, teamPath, owner),
  ]);
  await Promise.all([
    setUp.press('/admin/api-integration/tiktok', '/check'),
    atHome.invite('tobias.krag@hazelandrye.example'),
  ]);
}
