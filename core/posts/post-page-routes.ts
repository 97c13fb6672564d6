import type { Clock } from '#plugin-api';
import { approvalModel } from '../approvals/approval-model.ts';
import type { ApprovalService } from '../approvals/approval-service.ts';
import type { ChannelService } from '../channels/channel-service.ts';
import type { DeliveryDesk } from '../deliveries/delivery-desk.ts';
import type { Delivery } from '../deliveries/delivery.ts';
import type { InputError } from '../errors.ts';
import type { ForecastService } from '../forecast/forecast-service.ts';
import { sayQuota } from '../forecast/quota-words.ts';
import { fileModel } from '../media/media-routes.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import { roleMay } from '../auth/permissions.ts';
import { problemsByField } from '../web/form-problems.ts';
import type { Route, TeamContext } from '../web/route.ts';
import { timeWords } from '../web/times.ts';
import { coverLine } from './composer-media.ts';
import { memberOf, postIdOf } from './composer-routes.ts';
import { findDeliveryOf } from './delivery-address.ts';
import { deliveryCard, finalStates, mayBeCancelled } from './delivery-card.ts';
import { plannedAt } from './planned-time.ts';
import type { Post, PostService } from './post-service.ts';
import { titleOf } from './post-title.ts';
import { numbersHref } from './published-numbers.ts';
import { refuseWithPage } from './refusal.ts';

export interface PostPageParts {
  readonly posts: PostService;
  readonly desk: Pick<DeliveryDesk, 'ofPost' | 'find' | 'timeline' | 'cancel' | 'retry'>;
  readonly channels: Pick<ChannelService, 'findMany' | 'view'>;
  readonly plugins: PluginRegistry;
  readonly approvals: Pick<ApprovalService, 'sentBack'>;
  readonly forecasts: Pick<ForecastService, 'forecast'>;
  readonly clock: Clock;
}

export function postPageRoutes(parts: PostPageParts): readonly Route[] {
  const post = '/team/:team/posts/:post';
  const act = { method: 'post', permission: 'posts.edit' } as const;
  const see = { method: 'get', permission: 'team.see' } as const;
  return [
    { ...see, path: post, handle: (context: TeamContext) => showPost(parts, context) },
    { ...see, path: `${post}/deliveries`, handle: (context: TeamContext) => showDeliveries(parts, context) },
    { ...act, path: `${post}/cancellation`, handle: (context: TeamContext) => cancelPost(parts, context) },
    { ...act, path: `${post}/deletion`, handle: (context: TeamContext) => deleteDraft(parts, context) },
    {
      ...act,
      path: `${post}/deliveries/:delivery/cancellation`,
      handle: (context: TeamContext) => actOnDelivery(parts, context, 'cancel'),
    },
    {
      ...act,
      path: `${post}/deliveries/:delivery/retry`,
      handle: (context: TeamContext) => actOnDelivery(parts, context, 'retry'),
    },
  ];
}

/** What a person typed for a decision that could not be taken. */
export interface RefusedDecision {
  readonly deliveryId: number;
  readonly link: string;
  readonly confirmation: string;
  readonly error: InputError;
}

/** A comment that could not be taken. */
export interface RefusedReturn {
  readonly comment: string;
  readonly error: InputError;
}

/** @param refused shows what was typed again, with its problem (422) */
export async function showPost(
  parts: PostPageParts,
  context: TeamContext,
  refused?: RefusedDecision | RefusedReturn,
): Promise<void> {
  const post = await parts.posts.find(context.team.id, postIdOf(context));
  const model = await postModel(parts, context, post);
  const page = { title: titleOf(context.t, post), current: 'posts', scripts: ['js/post.js'] };
  const decision = refused !== undefined && 'deliveryId' in refused ? refused : undefined;
  const shown = decision === undefined ? null : { ...decision, errors: problemsByField(decision.error) };
  const returning = returningOf(context, refused);
  await context.page('posts/post', { ...model, ...page, refused: shown, returning }, refused === undefined ? 200 : 422);
}

/** The dialog for sending a post back; without script it stands in the page. */
function returningOf({ query }: TeamContext, refused: RefusedDecision | RefusedReturn | undefined) {
  if (refused === undefined || !('comment' in refused))
    return { isOpen: query['send-back'] !== undefined, comment: '', error: null };
  return { isOpen: true, comment: refused.comment, error: problemsByField(refused.error)['comment'] ?? null };
}

/** The cards alone, for the page's script while something is on its way. */
async function showDeliveries(parts: PostPageParts, context: TeamContext): Promise<void> {
  const post = await parts.posts.find(context.team.id, postIdOf(context));
  const model = await postModel(parts, context, post);
  await context.page('posts/deliveries', { ...model, refused: null, title: titleOf(context.t, post) });
}

async function postModel(parts: PostPageParts, context: TeamContext, post: Post) {
  const { team, t } = context;
  const now = parts.clock.now();
  const deliveries = await parts.desk.ofPost(team.id, post.id);
  const channels = await parts.channels.findMany(
    team.id,
    deliveries.map(({ channelId }) => channelId),
  );
  const byId = new Map(channels.map((channel) => [channel.id, channel]));
  const cards = await Promise.all(
    [...deliveries].sort(urgentFirst).map(async (delivery) => {
      const channel = byId.get(delivery.channelId);
      if (channel === undefined) throw new Error(`The channel of delivery ${delivery.id} is missing.`);
      const timeline = await parts.desk.timeline(team.id, delivery.id);
      const card = deliveryCard({ delivery, channel, timeline, plugins: parts.plugins, now, t });
      return { ...card, numbersHref: await numbersHref(parts, channel, delivery) };
    }),
  );
  const full = await fullDays(parts, context, { postId: post.id, deliveries });
  const sentBack = await parts.approvals.sentBack(team.id, post.id);
  const approval = approvalModel({ deliveries, role: team.role, sentBack, now });
  const mayEdit = roleMay(team.role, 'posts.edit');
  const mayDecide = roleMay(team.role, 'attention.decide');
  return { ...postFacts(context, post), cards, approval, full, mayEdit, mayDecide, acts: actsOn(deliveries, mayEdit) };
}

/** What is still ahead and comes to a time that is too full; to those who can choose another. */
async function fullDays(
  { forecasts, clock }: PostPageParts,
  { team, t, locale }: TeamContext,
  { postId, deliveries }: { readonly postId: number; readonly deliveries: readonly Delivery[] },
) {
  const now = clock.now();
  const ahead = deliveries.filter(({ state, dueAt }) => state === 'scheduled' && dueAt !== null && dueAt > now);
  const [first] = ahead;
  if (first === undefined || first.dueAt === null || !roleMay(team.role, 'posts.edit')) return [];
  const channelIds = ahead.map(({ channelId }) => channelId);
  const plan = { teamId: team.id, channelIds, at: first.dueAt, exceptPostId: postId };
  const time = timeWords({ zone: team.zone, locale, now, t });
  return (await forecasts.forecast(plan)).map((warning) => sayQuota(t, warning, time));
}

function postFacts({ team, t }: TeamContext, post: Post) {
  const [file] = post.media;
  return {
    post: { id: post.id, caption: post.caption, state: post.state, dueAt: post.dueAt, createdBy: post.createdBy },
    plannedAt: plannedAt(post.planned, team.zone),
    coverLine: coverLine(t, post),
    postHref: `/team/${team.id}/posts/${post.id}`,
    listHref: `/team/${team.id}/posts`,
    file: file === undefined ? null : { ...fileModel({ team }, file), isGone: file.deletedAt !== null },
    photos: file?.kind === 'picture' ? photosOf(team, post) : [],
  };
}

/** In the order of the post; without a chosen one the first is the cover. */
function photosOf(team: TeamContext['team'], { media, cover }: Post) {
  return media.map((photo, place) => ({
    ...fileModel({ team }, photo),
    isGone: photo.deletedAt !== null,
    isCover: place === (cover ?? 0),
  }));
}

/** What may be done with the whole post now. */
function actsOn(deliveries: readonly Delivery[], mayEdit: boolean) {
  const open = deliveries.filter(({ state }) => state !== 'cancelled');
  const isAhead = open.every(({ state }) => state === 'draft' || state === 'scheduled');
  const isDraft = deliveries.every(({ state }) => state === 'draft');
  return {
    edit: mayEdit && isAhead && (open.length > 0 || deliveries.length === 0),
    cancel: mayEdit && deliveries.some(mayBeCancelled),
    delete: mayEdit && isDraft,
    isFinal: deliveries.every(({ state, linkPending }) => finalStates.has(state) && !linkPending),
    needPerson: deliveries.filter(({ state }) => state === 'needs-attention' || state === 'failed').length,
  };
}

const urgency: readonly string[] = ['needs-attention', 'failed', 'publishing', 'processing', 'scheduled', 'draft'];

function urgentFirst(one: Delivery, other: Delivery): number {
  const rank = ({ state }: Delivery): number => (urgency.indexOf(state) + urgency.length + 1) % (urgency.length + 1);
  return rank(one) - rank(other) || one.id - other.id;
}

async function cancelPost(parts: PostPageParts, context: TeamContext): Promise<void> {
  const postId = postIdOf(context);
  try {
    const { tooLate } = await parts.posts.cancel(memberOf(context), postId);
    if (tooLate === 0) context.flash('ok', context.t('posts:cancelled.all'));
    else context.flash('warn', context.t('posts:cancelled.some', { count: tooLate }));
    context.redirect(`/team/${context.team.id}/posts/${postId}`);
  } catch (error) {
    await refuseWithPage(context, postId, error);
  }
}

async function deleteDraft(parts: PostPageParts, context: TeamContext): Promise<void> {
  const postId = postIdOf(context);
  try {
    await parts.posts.deleteDraft(memberOf(context), postId);
    context.flash('ok', context.t('posts:deleted'));
    context.redirect(`/team/${context.team.id}/posts`);
  } catch (error) {
    await refuseWithPage(context, postId, error);
  }
}

async function actOnDelivery(parts: PostPageParts, context: TeamContext, act: 'cancel' | 'retry'): Promise<void> {
  const { team, t } = context;
  const { id, postId } = await findDeliveryOf(parts, context);
  try {
    await parts.desk[act](memberOf(context), team.id, id);
    context.flash('ok', t(act === 'cancel' ? 'posts:cancelled.one' : 'posts:retried'));
    context.redirect(`/team/${team.id}/posts/${postId}`);
  } catch (error) {
    await refuseWithPage(context, postId, error);
  }
}
