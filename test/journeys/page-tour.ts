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

/** Of a world with a busy team. */
export async function tourOf(world: World, visitor: Visitor): Promise<Tour> {
  const { teamPath, db } = world;
  const idsOf = async (table: string): Promise<readonly number[]> => db.knex(table).orderBy('id').pluck<number[]>('id');
  const posts = (await idsOf('posts')).map((id) => `${teamPath}/posts/${id}`);
  const [channel] = await idsOf('channels');
  const cancelled = '/app/tiktok/profile?error=access_denied&state=unknown';
  switch (visitor) {
    case 'anonymous':
      return { starts: ['/', '/sign-in', '/nowhere', cancelled], below: '/', leastPages: 6 };
    case 'admin': {
      const starts = ['/admin/api-integration', '/account', cancelled, '/help/errors', '/help/errors/invalid_grant'];
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
