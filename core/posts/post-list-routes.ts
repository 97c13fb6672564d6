import type { Translate } from '#plugin-api';
import { roleMay } from '../auth/permissions.ts';
import { deliveryStates, type DeliveryState } from '../deliveries/delivery.ts';
import { posterPath } from '../media/media-routes.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import type { Route, TeamContext } from '../web/route.ts';
import { type ChannelFace, faceOf } from './option-groups.ts';
import { plannedAt } from './planned-time.ts';
import { readId } from './post-form.ts';
import type { ReadListHead } from './list-head.ts';
import { batchesNamed, batchesOfList } from './post-list-batches.ts';
import type { ListedDelivery, ListedPost, PostService } from './post-service.ts';
import { titleOf } from './post-title.ts';

export interface PostListParts {
  readonly posts: PostService;
  readonly plugins: PluginRegistry;
  readonly listHead: ReadListHead;
}

const postsOnAPage = 50;
/** Beyond this the tabs say “1,000+”: counting everything costs more than the page. */
const countedUpTo = 1_000;

export function postListRoutes(parts: PostListParts): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/team/:team/posts',
      permission: 'team.see',
      handle: (context: TeamContext) => showList(parts, context),
    },
  ];
}

async function showList(parts: PostListParts, context: TeamContext): Promise<void> {
  const { team, t, query } = context;
  const base = `/team/${team.id}/posts`;
  const state = deliveryStates.find((known) => known === query['state']);
  const before = readKey(query['before']);
  const after = readKey(query['after']);
  const batchId = readId(query['batch']);
  const turn = before !== undefined ? { before } : after !== undefined ? { after } : {};
  const page = await parts.posts.page({ teamId: team.id, state, batchId, limit: postsOnAPage, ...turn });
  const head = await parts.listHead({
    ...{ teamId: team.id, limit: countedUpTo + 1, batchIds: batchesNamed(page.posts, batchId) },
    asksForUnfinished: roleMay(team.role, 'posts.edit'),
  });
  const { of: batchOf, ...batches } = batchesOfList(head, context, batchId);
  const address = (key: { at: number; id: number }, name: string) => {
    const place = new URLSearchParams({ [name]: `${key.at}.${key.id}` });
    if (state !== undefined) place.set('state', state);
    if (batchId !== undefined) place.set('batch', String(batchId));
    return `${base}?${place.toString()}`;
  };
  await context.page('posts/list', {
    title: t('posts:list.title'),
    current: 'posts',
    newHref: `${base}/new`,
    mayEdit: roleMay(team.role, 'posts.edit'),
    state: state ?? null,
    tabs: tabsOf(t, { base, state, counts: head.counts }),
    batches,
    allHref: base,
    posts: rowsOf(parts, context, { posts: page.posts, batchOf }),
    pager: {
      newerHref: page.newer === null ? null : address(page.newer, 'after'),
      olderHref: page.older === null ? null : address(page.older, 'before'),
      text: t('posts:list.shown', { count: page.posts.length }),
    },
  });
}

/** `<updated_at>.<id>` as our own links carry it. */
function readKey(text: string | undefined): { at: number; id: number } | undefined {
  const [, at, id] = /^(\d{1,15})\.(\d{1,15})$/.exec(text ?? '') ?? [];
  const key = readId(id);
  return at === undefined || key === undefined ? undefined : { at: Number(at), id: key };
}

interface TabFacts {
  readonly base: string;
  readonly state: DeliveryState | undefined;
  readonly counts: ReadonlyMap<DeliveryState, number>;
}

const tabOrder: readonly DeliveryState[] = [
  'needs-attention',
  'failed',
  'publishing',
  'processing',
  'scheduled',
  'draft',
  'published',
  'cancelled',
];

/** All, and each state that has posts or is being looked at. */
function tabsOf(t: Translate, { base, state, counts }: TabFacts) {
  const all = [...counts.values()].reduce((sum, n) => sum + n, 0);
  const isCapped = [...counts.values()].some((n) => n > countedUpTo);
  const tab = (name: DeliveryState) => ({
    label: t(`frame:state.${name}`),
    href: `${base}?state=${name}`,
    count: countWords(t, counts.get(name) ?? 0),
    isCurrent: state === name,
  });
  return [
    {
      label: t('posts:list.all'),
      href: base,
      count: countWords(t, isCapped ? countedUpTo + 1 : all),
      isCurrent: state === undefined,
    },
    ...tabOrder.filter((name) => (counts.get(name) ?? 0) > 0 || name === state).map(tab),
  ];
}

function countWords(t: Translate, n: number): string {
  return n > countedUpTo ? t('posts:list.more') : String(n);
}

interface Rows {
  readonly posts: readonly ListedPost[];
  readonly batchOf: ReturnType<typeof batchesOfList>['of'];
}

function rowsOf(parts: PostListParts, { team, t }: TeamContext, { posts, batchOf }: Rows) {
  const faceOfChannel = facesIn(parts, team.id);
  return posts.map((post) => ({
    id: post.id,
    title: titleOf(t, { caption: post.caption, media: post.file === null ? [] : [post.file] }),
    href: `/team/${team.id}/posts/${post.id}`,
    poster: post.file?.hasPoster === true ? posterPath({ team }, post.file) : null,
    state: post.state,
    plannedAt: plannedAt(post.planned, team.zone),
    deliveries: post.deliveries.map((delivery) => rowOf(delivery, faceOfChannel)),
    batch: batchOf(post),
  }));
}

type FaceOfChannel = (channel: ListedDelivery['channel']) => ChannelFace | null;

/** Many rows have the same channel: each is drawn once. */
function facesIn({ plugins }: PostListParts, teamId: number): FaceOfChannel {
  const faces = new Map<number, ChannelFace>();
  return (channel) => {
    if (channel === null) return null;
    const face = faces.get(channel.id) ?? faceOf(plugins, { ...channel, teamId });
    faces.set(channel.id, face);
    return face;
  };
}

function rowOf(delivery: ListedDelivery, faceOfChannel: FaceOfChannel) {
  const { id, channelId, channel, state, hold, percent, outcomeCode, at } = delivery;
  return { id, channelId, face: faceOfChannel(channel), state, hold, percent, code: outcomeCode, at };
}
