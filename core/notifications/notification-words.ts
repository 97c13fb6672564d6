import type { Translate } from '#plugin-api';
import type { DeliveryFacts, Notification } from './notification.ts';

/** A notification as a person reads it, in the panel and in a mail. */
export interface Told {
  readonly id: number;
  /** What happened, to what. */
  readonly title: string;
  /** What happened, who can fix it and how. */
  readonly sentence: string;
  readonly who: string;
  readonly nextStep: string;
  /** As the error book knows it; null where nothing went wrong. */
  readonly code: string | null;
  /** The page where it is fixed: a path of this installation. */
  readonly href: string;
  readonly tone: 'bad' | 'warn' | 'ok';
  readonly icon: string;
}

export interface WordDeps {
  readonly t: Translate;
  readonly networkName: (pluginId: string) => string;
  /** A day in the team's zone. */
  readonly day: (at: number) => string;
}

export function wordsOf(deps: WordDeps, notification: Notification): Told {
  switch (notification.kind) {
    case 'delivery-failed':
      return { ...ofDelivery(deps, notification, notification.facts), tone: 'bad', icon: 'x-circle-fill' };
    case 'delivery-needs-attention':
      return {
        ...ofDelivery(deps, notification, notification.facts),
        tone: 'warn',
        icon: 'exclamation-triangle-fill',
      };
    case 'reconnect-needed':
      return { ...ofLostAccess(deps, notification), tone: 'bad', icon: 'plug-fill' };
    case 'post-sent-back':
      return { ...ofSentBack(deps, notification), tone: 'warn', icon: 'reply-fill' };
    case 'posts-submitted':
      return { ...ofGathered(deps, notification, 'attention'), tone: 'warn', icon: 'hourglass-split' };
    case 'posts-approved':
      return { ...ofGathered(deps, notification, 'posts'), tone: 'ok', icon: 'check-circle-fill' };
    case 'access-ending':
      return { ...ofEndingAccess(deps, notification), tone: 'warn', icon: 'clock-history' };
  }
}

type Words = Omit<Told, 'tone' | 'icon'>;

/** The reason is told as it stands on the post's page. */
function ofDelivery(
  { t, networkName }: WordDeps,
  { id, kind, teamId }: Notification,
  { postId, post, channel, plugin, sentence, who, nextStep, code, mayBePosted }: DeliveryFacts,
): Words {
  const named = { post: post === '' ? t('posts:untitled') : post, channel };
  const doubt = t(mayBePosted ? 'notifications:mayBePosted' : 'notifications:notPosted');
  return {
    id,
    title: t(`notifications:${kind}.title`, named),
    sentence: kind === 'delivery-failed' ? sentence : `${sentence} ${doubt}`,
    who: t(`posts:who.${who}`, { network: networkName(plugin) }),
    nextStep,
    code: code ?? null,
    href: `/team/${teamId}/posts/${postId}`,
  };
}

const teamsTurn = { who: 'team', code: 'reconnect_needed' } as const;

type Of<K extends Notification['kind']> = Extract<Notification, { kind: K }>;

function ofLostAccess(deps: WordDeps, notification: Of<'reconnect-needed'>): Words {
  const { because } = notification.facts;
  const lost = because === 'app' ? ({ who: 'admin', code: 'app_replaced' } as const) : teamsTurn;
  return ofChannel(deps, notification, { why: because, ...lost, day: '' });
}

function ofEndingAccess(deps: WordDeps, notification: Of<'access-ending'>): Words {
  return ofChannel(deps, notification, {
    why: 'time',
    who: 'team',
    code: null,
    day: deps.day(notification.facts.endsAt),
  });
}

function ofSentBack({ t }: WordDeps, { id, teamId, facts }: Of<'post-sent-back'>): Words {
  const { postId, by, comment } = facts;
  const post = facts.post === '' ? t('posts:untitled') : facts.post;
  return {
    id,
    title: t('notifications:post-sent-back.title', { post, by }),
    sentence: t('notifications:post-sent-back.sentence', { comment }),
    who: t('posts:who.you'),
    nextStep: t('notifications:post-sent-back.nextStep'),
    code: null,
    href: `/team/${teamId}/posts/${postId}`,
  };
}

/** @param many the page of the team that has them all */
function ofGathered(
  { t }: WordDeps,
  { id, kind, teamId, facts }: Of<'posts-submitted' | 'posts-approved'>,
  many: 'attention' | 'posts',
): Words {
  const [only, ...more] = facts.posts;
  const post = facts.post === '' ? t('posts:untitled') : facts.post;
  const named = { count: facts.posts.length, by: facts.byName, post };
  return {
    id,
    title: t(`notifications:${kind}.title`, named),
    sentence: t(`notifications:${kind}.sentence`, named),
    who: t(`notifications:${kind}.who`),
    nextStep: t(`notifications:${kind}.nextStep`, named),
    code: null,
    href: `/team/${teamId}/${more.length === 0 ? `posts/${only}` : many}`,
  };
}

interface WhyOfChannel {
  readonly why: 'network' | 'app' | 'refused' | 'time';
  readonly who: 'admin' | 'team';
  readonly code: string | null;
  readonly day: string;
}

function ofChannel(
  { t, networkName }: WordDeps,
  { id, kind, teamId, subjectId, facts }: Of<'reconnect-needed' | 'access-ending'>,
  { why, who, code, day }: WhyOfChannel,
): Words {
  const named = { channel: facts.channel, network: networkName(facts.plugin), day };
  return {
    id,
    title: t(`notifications:${kind}.title`, named),
    sentence: t(`notifications:access.${why}.sentence`, named),
    who: t(`posts:who.${who}`, named),
    nextStep: t(`notifications:access.${why}.nextStep`, named),
    code,
    href: `/team/${teamId}/channels/${subjectId}`,
  };
}
