import type { Translate } from '#plugin-api';
import type { AttentionService, ChannelInNeed } from '../attention/attention-service.ts';
import { roleMay } from '../auth/permissions.ts';
import type { Channel } from '../channels/channel.ts';
import { timeWords } from '../web/times.ts';
import type { Speech } from '../web/texts.ts';
import type { TeamOfMember } from '../web/route.ts';
import type { DashboardStore, TroubledPost, WaitingPost } from './dashboard-store.ts';

/** For whom what needs a person is told, and when. */
export interface NeedsPlace {
  readonly parts: Pick<Speech, 't' | 'locale'> & { readonly networkName: (pluginId: string) => string };
  readonly team: TeamOfMember;
  readonly now: number;
}

interface NeedsParts {
  readonly store: Pick<DashboardStore, 'troubles' | 'waiting'>;
  readonly attention: Pick<AttentionService, 'channels'>;
}

const mostNeeds = 10;
/** Causes of one post that are told, and channels of one cause that are named. */
const mostCauses = 3;
const mostNamed = 3;

export type Needing = Awaited<ReturnType<typeof loadNeeds>>;

/** The first of what needs a person, and how much there is of it: posts and channels. */
export async function loadNeeds({ store, attention }: NeedsParts, team: TeamOfMember, list: readonly Channel[]) {
  const mayApprove = roleMay(team.role, 'posts.approve');
  const [troubles, channels, waiting] = await Promise.all([
    store.troubles(team.id, mostNeeds),
    attention.channels(team.id, list),
    mayApprove ? store.waiting(team.id, mostNeeds) : { first: [], total: 0 },
  ]);
  return { troubles, channels, waiting, total: troubles.total + channels.length + waiting.total };
}

/** One line each: posts that are in trouble, those that wait for approval, channels. */
export function needsOf(place: NeedsPlace, { troubles, waiting, channels }: Needing) {
  return [
    ...troubles.first.map((post) => troubleNeed(place, post)),
    ...waiting.first.map((one) => approvalNeed(place, one)),
    ...channels.map((one) => channelNeed(place, one)),
  ];
}

function troubleNeed(place: NeedsPlace, { postId, caption, channels, deliveries }: TroubledPost) {
  const { t } = place.parts;
  const isFailed = deliveries.every(({ state }) => state === 'failed');
  const [only] = channels === 1 || deliveries.length === 1 ? deliveries : [];
  const key = isFailed ? 'failed' : 'needsAttention';
  const post = titleOf(caption, t);
  return {
    tone: isFailed ? 'bad' : 'warn',
    icon: isFailed ? 'x-circle-fill' : 'exclamation-triangle-fill',
    title:
      only === undefined
        ? t(`teams:dashboard.${key}On`, { post, some: deliveries.length, all: channels })
        : t(`teams:dashboard.${key}`, { post, channel: only.nickname }),
    texts: causesOf(place, deliveries),
    href: postPath(place, postId),
    act: t('teams:dashboard.look'),
  };
}

type Trouble = TroubledPost['deliveries'][number];

/**
 * What happened and what to do: once for all channels with the same cause, else with their names. What was stored in the
 * same words, with the same values, is the same cause.
 */
function causesOf({ parts: { t, locale } }: NeedsPlace, deliveries: readonly Trouble[]): readonly string[] {
  const causes = new Map<string, Trouble[]>();
  for (const delivery of deliveries) {
    const text = causeOf(t, delivery);
    if (text !== '') causes.set(text, [...(causes.get(text) ?? []), delivery]);
  }
  const [[text, all = []] = []] = causes;
  if (text === undefined) return [];
  if (all.length === deliveries.length) return [text];
  const told = [...causes].slice(0, mostCauses);
  const left = deliveries.length - told.flatMap(([, same]) => same).length;
  const lines = told.map(([cause, same]) =>
    t('teams:dashboard.cause', { channels: namesOf(t, locale, same), text: cause }),
  );
  return left === 0 ? lines : [...lines, t('teams:dashboard.moreChannels', { count: left })];
}

function causeOf(t: Translate, { state, outcome }: Trouble): string {
  if (outcome === null) return '';
  const doubt = outcome.mayBePosted && state !== 'failed' ? t('teams:dashboard.mayBePosted') : '';
  return [outcome.sentence, doubt, outcome.nextStep].filter(Boolean).join(' ');
}

function namesOf(t: Translate, locale: string, deliveries: readonly Trouble[]): string {
  if (deliveries.length > mostNamed) return t('frame:team.channels', { count: deliveries.length });
  return new Intl.ListFormat(locale).format(deliveries.map(({ nickname }) => nickname));
}

function approvalNeed(place: NeedsPlace, { postId, caption, at }: WaitingPost) {
  const { t, locale } = place.parts;
  const time = timeWords({ zone: place.team.zone, locale, now: place.now, t });
  return {
    tone: 'warn',
    icon: 'person',
    title: t('teams:dashboard.waits', { post: titleOf(caption, t) }),
    texts: [t(at <= place.now ? 'approvals:late' : 'approvals:due', { at: time.short(at) })],
    href: postPath(place, postId),
    act: t('approvals:review'),
  };
}

function channelNeed({ parts, team, now }: NeedsPlace, { channel, endsAt }: ChannelInNeed) {
  const { t, locale, networkName } = parts;
  const isOver = endsAt === null;
  const words = {
    channel: channel.nickname,
    network: networkName(channel.plugin),
    at: isOver ? '' : timeWords({ zone: team.zone, locale, now, t }).short(endsAt),
  };
  const key = isOver ? 'reconnect' : 'ending';
  return {
    tone: isOver ? 'bad' : 'warn',
    icon: 'plug-fill',
    title: t(`teams:dashboard.${key}`, words),
    texts: [t(`teams:dashboard.${key}Text`, words)],
    href: `/team/${team.id}/channels`,
    act: t('teams:dashboard.reconnectAct'),
  };
}

export function postPath({ team }: Pick<NeedsPlace, 'team'>, postId: number): string {
  return `/team/${team.id}/posts/${postId}`;
}

/** The first line of the caption. */
export function titleOf(caption: string, t: Translate): string {
  const [line = ''] = caption.trim().split('\n', 1);
  if (line === '') return t('teams:dashboard.noCaption');
  const letters = Array.from(line);
  return letters.length > 90 ? `${letters.slice(0, 90).join('').trimEnd()}…` : line;
}
