import type { Database } from '../../core/db/database.ts';
import { publishJobKind } from '../../core/deliveries/publishing-context.ts';
import { fillDeliveries, numbers } from './fill.ts';
import type { BenchPanel } from './panel.ts';

const minute = 60_000;

interface PostFill {
  readonly posts: number;
  /** The first of them is due then, UTC ms. */
  readonly firstAt: number;
  readonly stepMs?: number;
  /** To how many of the team's channels each of them goes; one unless said. */
  readonly channelsEach?: number;
}

/** Posts that were published, the first ones of the installation. */
export async function fillPosts({ panel, teamId, channelIds }: BenchPanel, fill: PostFill): Promise<void> {
  const { db } = panel.base;
  const { posts, firstAt, stepMs = minute, channelsEach = 1 } = fill;
  const authorId = (await panel.services.people.list())[0]?.id ?? 0;
  const [first = 0, ...others] = channelIds.slice(0, channelsEach);
  const channels = channelsEach === 1 ? channelIds : [first];
  const place = { teamId, authorId, plugin: 'tiktok', state: 'published', channelIds: channels } as const;
  await fillDeliveries(db, publishJobKind, { ...place, from: 1, to: posts, firstAt, stepMs });
  for (const channelId of others) await addDeliveries(db, { posts, channelId });
  await db.knex('deliveries').update({ published_at: db.knex.ref('due_at') });
  await db.knex('posts').update({ updated_at: db.knex.ref('due_at') });
  // SQLite counts nothing by itself, and nothing of the product tells it to.
  if (db.kind === 'mysql') await db.knex.raw('analyze table posts, deliveries');
}

/** One more of each post. */
async function addDeliveries(db: Database, { posts, channelId }: { posts: number; channelId: number }): Promise<void> {
  await db.knex.raw(
    `insert into deliveries (post_id, team_id, channel_id, plugin, state, options, due_wall, due_zone, due_at, updated_at)
     select d.post_id, d.team_id, ?, d.plugin, d.state, d.options, d.due_wall, d.due_zone, d.due_at, d.updated_at
     from ${numbers(db, { from: 1, to: posts })} join deliveries d on d.id = numbers.n`,
    [channelId],
  );
}

/** What was asked of the database while the work ran. */
export interface Asked {
  readonly statements: readonly string[];
  readonly writes: readonly string[];
}

export async function askedBy({ knex }: Pick<Database, 'knex'>, work: () => Promise<unknown>): Promise<Asked> {
  const statements: string[] = [];
  const note = ({ sql }: { readonly sql: string }): void => {
    // How the installation looks is read once in a few seconds, for whatever page comes next.
    if (!sql.includes('`site_settings`')) statements.push(sql);
  };
  knex.on('query', note);
  await work();
  knex.removeListener('query', note);
  return { statements, writes: statements.filter((sql) => /^\s*(insert|update|delete|replace)/iu.test(sql)) };
}

/** How many formatters of times and numbers the work made: each costs as much as a row. */
export async function formattersMadeBy(work: () => Promise<unknown>): Promise<number> {
  const own = { DateTimeFormat: Intl.DateTimeFormat, NumberFormat: Intl.NumberFormat };
  let made = 0;
  const counted = <T extends new (...args: never[]) => object>(kind: T): T =>
    new Proxy(kind, {
      construct: (target, args: unknown[]): object => {
        made += 1;
        const formatter: unknown = Reflect.construct(target, args);
        if (typeof formatter !== 'object' || formatter === null) throw new Error('It is no formatter.');
        return formatter;
      },
    });
  Object.assign(Intl, { DateTimeFormat: counted(own.DateTimeFormat), NumberFormat: counted(own.NumberFormat) });
  try {
    await work();
    return made;
  } finally {
    Object.assign(Intl, own);
  }
}
