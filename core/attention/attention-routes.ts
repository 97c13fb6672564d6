import type { Clock, Translate } from '#plugin-api';
import type { ApprovalService } from '../approvals/approval-service.ts';
import { roleMay } from '../auth/permissions.ts';
import type { ChannelService } from '../channels/channel-service.ts';
import type { Delivery } from '../deliveries/delivery-desk.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import { deliveryCard } from '../posts/delivery-card.ts';
import { faceOf } from '../posts/option-groups.ts';
import type { PostService } from '../posts/post-service.ts';
import { titleOf } from '../posts/post-title.ts';
import type { Route, TeamContext } from '../web/route.ts';
import { type AttentionKey, type AttentionPlace, askingStates } from './attention.ts';
import type { AttentionService, ChannelInNeed } from './attention-service.ts';

export interface AttentionRouteParts {
  readonly attention: AttentionService;
  readonly posts: Pick<PostService, 'findMany'>;
  readonly approvals: Pick<ApprovalService, 'waiting' | 'count'>;
  readonly channels: Pick<ChannelService, 'list' | 'findMany'>;
  readonly plugins: PluginRegistry;
  readonly clock: Clock;
}

const onAPage = 30;

/** What needs a person, and nothing else: empty on a good day. */
export function attentionRoutes(parts: AttentionRouteParts): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/team/:team/attention',
      permission: 'team.see',
      handle: (context) => showAttention(parts, context),
    },
  ];
}

async function showAttention(parts: AttentionRouteParts, context: TeamContext): Promise<void> {
  const { team, t, query } = context;
  const turn = readTurn(query);
  const connected = await parts.channels.list(team.id);
  const page = await parts.attention.page({ teamId: team.id, limit: onAPage, ...turn });
  const inNeed = await parts.attention.channels(team.id, connected);
  const counts = await parts.attention.counts(team.id, connected);
  const approvals = await approvalsOf(parts, context);
  const base = `/team/${team.id}/attention`;
  const address = (name: string, key: AttentionKey | null) =>
    key === null ? null : `${base}?${name}=${key.state}.${key.dueAt}.${key.id}`;
  await context.page('team/attention', {
    title: t('attention:title'),
    current: 'attention',
    total: counts.posts + counts.channels + approvals.count,
    approvals,
    deliveryCount: counts.posts,
    deliveries: await rowsOf(parts, context, page.deliveries),
    channels: inNeed.map((one) => channelRow(parts, context, one)),
    pager: {
      newerHref: address('after', page.before),
      olderHref: address('before', page.further),
      text: t('attention:shown', { shown: page.deliveries.length, count: counts.posts }),
    },
  });
}

/** Posts that wait for whoever may approve them, the next due first; for everybody else there are none. */
async function approvalsOf(parts: AttentionRouteParts, { team, t }: TeamContext) {
  if (!roleMay(team.role, 'posts.approve')) return { count: 0, rows: [] };
  const [count, waiting] = await Promise.all([
    parts.approvals.count(team.id),
    parts.approvals.waiting(team.id, onAPage),
  ]);
  const ids = waiting.map(({ postId }) => postId);
  const posts = new Map((await parts.posts.findMany(team.id, ids)).map((post) => [post.id, post]));
  const rows = waiting.flatMap(({ postId, dueAt }) => {
    const post = posts.get(postId);
    if (post === undefined) return [];
    const href = `/team/${team.id}/posts/${postId}`;
    return [{ id: postId, title: titleOf(t, post), author: post.createdBy?.name ?? null, dueAt, href }];
  });
  return { count, rows };
}

/** `<state>.<due>.<id>` as our own links carry it. */
function readTurn({ before, after }: Readonly<Record<string, string>>): Pick<AttentionPlace, 'turn'> {
  const further = readKey(before);
  if (further !== undefined) return { turn: { to: 'further', from: further } };
  const back = readKey(after);
  return back === undefined ? {} : { turn: { to: 'back', from: back } };
}

function readKey(text: string | undefined): AttentionKey | undefined {
  const [, name, dueAt, id] = /^([a-z-]{1,20})\.(\d{1,15})\.(\d{1,15})$/.exec(text ?? '') ?? [];
  const state = askingStates.find((known) => known === name);
  return state === undefined ? undefined : { state, dueAt: Number(dueAt), id: Number(id) };
}

async function rowsOf(parts: AttentionRouteParts, { team, t }: TeamContext, deliveries: readonly Delivery[]) {
  const { plugins, clock } = parts;
  const idsOf = (read: (delivery: Delivery) => number) => [...new Set(deliveries.map(read))];
  const [posts, channels] = await Promise.all([
    parts.posts.findMany(
      team.id,
      idsOf(({ postId }) => postId),
    ),
    parts.channels.findMany(
      team.id,
      idsOf(({ channelId }) => channelId),
    ),
  ]);
  const titles = new Map(posts.map((post) => [post.id, titleOf(t, post)]));
  const byId = new Map(channels.map((channel) => [channel.id, channel]));
  return deliveries.flatMap((delivery) => {
    const channel = byId.get(delivery.channelId);
    if (channel === undefined) return [];
    const card = deliveryCard({ delivery, channel, timeline: [], plugins, now: clock.now(), t });
    const { id, face, state, code, saying, fine } = card;
    const isDecision = state === 'needs-attention' && card.decisions.length > 1;
    const mayAct = roleMay(team.role, isDecision ? 'attention.decide' : 'posts.edit');
    return [
      {
        ...{ id, face, state, code, saying, fine, dueAt: delivery.dueAt },
        title: titles.get(delivery.postId) ?? t('posts:untitled'),
        href: `/team/${team.id}/posts/${delivery.postId}`,
        act: t(`attention:act.${!mayAct ? 'look' : isDecision ? 'decide' : card.mayRetry ? 'retry' : 'look'}`),
      },
    ];
  });
}

function channelRow({ plugins }: AttentionRouteParts, { team, t }: TeamContext, { channel, endsAt }: ChannelInNeed) {
  const face = faceOf(plugins, channel);
  const mayAct = roleMay(team.role, 'channels.connect');
  return {
    face,
    state: channel.state,
    endsAt,
    href: `/team/${team.id}/channels/${channel.id}`,
    ...wordsOf(t, face, endsAt),
    act: mayAct ? { label: t('attention:act.reconnect'), href: `/team/${team.id}/channels` } : null,
  };
}

function wordsOf(t: Translate, face: { readonly nickname: string; readonly network: string }, endsAt: number | null) {
  const key = endsAt === null ? 'reconnect' : 'ending';
  const words = { channel: face.nickname, network: face.network };
  return { what: t(`attention:${key}.what`, words), help: t(`attention:${key}.help`, words) };
}
