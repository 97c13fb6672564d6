import { z } from 'zod';
import type { Explanation, Translate } from '#plugin-api';
import { checkPath } from '../channel-check/check-link.ts';
import type { Channel } from '../channels/channel-service.ts';
import type { Delivery, DeliveryState } from '../deliveries/delivery.ts';
import { decisionsAbout, deniableAt, mayBeRetried } from '../deliveries/retry-rule.ts';
import type { PanelEvent } from '../events/event-log.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import { describeOptions } from './draft-options.ts';
import { faceOf } from './option-groups.ts';

/** What happened, and below it who can put it right and how. */
export interface Saying {
  readonly what: string;
  readonly help: string;
}

/** States in which nothing more happens by itself. */
export const finalStates: ReadonlySet<DeliveryState> = new Set([
  'draft',
  'published',
  'failed',
  'needs-attention',
  'cancelled',
]);

interface CardQuestion {
  readonly delivery: Delivery;
  readonly channel: Channel;
  readonly timeline: readonly PanelEvent[];
  readonly plugins: PluginRegistry;
  readonly now: number;
  readonly t: Translate;
}

/** One delivery as its card on the post's page shows it. */
export function deliveryCard({ delivery, channel, timeline, plugins, now, t }: CardQuestion) {
  const { id, state, hold, outcome } = delivery;
  const composer = plugins.find(delivery.plugin)?.parts.composer;
  const face = faceOf(plugins, channel);
  return {
    id,
    face,
    state,
    hold,
    code: delivery.outcomeCode,
    percent: delivery.percent,
    /** Its own; null where it takes the post's. */
    caption: delivery.caption,
    isUrgent: state === 'needs-attention',
    saying: sayingOf({ delivery, channel, network: face.network, isLate: (delivery.dueAt ?? now) <= now, t }),
    checkPath: checkPath({ registry: plugins, channel, code: outcome?.code }),
    fine: outcome === null ? null : { code: outcome.code, logId: outcome.logId ?? null, at: outcome.at },
    dueAt: state === 'scheduled' && delivery.dueAt !== null && delivery.dueAt > now ? delivery.dueAt : null,
    publishedAt: delivery.publishedAt,
    // It came from the network: only a web address becomes a link.
    url: delivery.url !== null && /^https?:\/\//i.test(delivery.url) ? delivery.url : null,
    mayRetry: canRetry(delivery, channel),
    mayCopy: isContentRefused(delivery),
    mayCancel: mayBeCancelled(delivery),
    mayDismiss: state === 'failed',
    tooLate: tooLateFor(delivery),
    decisions: decisionsOn(delivery, channel, now),
    deniableAt: isDeniableLater(delivery, channel, now) ? deniableAt(delivery) : null,
    // Sent, and the network gave it no name: it may still show it later.
    isNameless: delivery.pointOfNoReturnAt !== null && !delivery.isNamed,
    choices: composer === undefined ? [] : describeOptions(delivery, composer),
    consent: delivery.consent,
    timeline: timeline.map(lineOf),
  };
}

/** A channel that is connected again is another one: what belonged to the old one has no way out any more. */
function canRetry(delivery: Delivery, channel: Channel): boolean {
  return mayBeRetried(delivery) && channel.disconnectedAt === null;
}

/** What a person may decide now, in the order in which it is offered; a disconnected channel is not asked any more. */
function decisionsOn(delivery: Delivery, channel: Channel, now: number): readonly string[] {
  const offered = [...decisionsAbout(delivery, now)];
  if (channel.disconnectedAt === null) return offered;
  return offered.filter((kind) => kind === 'posted' || kind === 'drop');
}

/** Nobody can know yet that it is not there. */
function isDeniableLater(delivery: Delivery, channel: Channel, now: number): boolean {
  return delivery.state === 'needs-attention' && channel.disconnectedAt === null && now < deniableAt(delivery);
}

/** Certainly not posted, and what was composed is the cause: a post that is made anew from it can be put right. */
function isContentRefused({ state, outcome }: Delivery): boolean {
  if (outcome?.who !== 'you') return false;
  return state === 'failed' || (state === 'needs-attention' && !outcome.mayBePosted);
}

/** Why nothing can be taken back here any more; what can be done then is the network's own app. */
function tooLateFor({ state, pointOfNoReturnAt }: Delivery): 'processing' | 'published' | null {
  if (state === 'published') return 'published';
  const isGone = state === 'processing' || (state === 'publishing' && pointOfNoReturnAt !== null);
  return isGone ? 'processing' : null;
}

export function mayBeCancelled({ state, pointOfNoReturnAt }: Delivery): boolean {
  return state === 'scheduled' || (state === 'publishing' && pointOfNoReturnAt === null);
}

interface SayingQuestion {
  readonly delivery: Delivery;
  readonly channel: Channel;
  readonly network: string;
  /** The due time has come, and it waits for its turn. */
  readonly isLate: boolean;
  readonly t: Translate;
}

function sayingOf({ delivery, channel, network, isLate, t }: SayingQuestion): Saying | null {
  const { state, outcome, hold } = delivery;
  const named = { network, channel: channel.nickname };
  const say = (key: string): Saying => ({
    what: t(`posts:say.${key}.what`, named),
    help: t(`posts:say.${key}.help`, named),
  });
  if (state === 'failed' || state === 'needs-attention') {
    const doubt = state === 'needs-attention' ? sayWhetherPosted({ delivery, channel, t }) : '';
    return outcome === null ? say(state) : explained(outcome, { network, doubt, t });
  }
  if (state === 'cancelled' && outcome !== null) return { what: outcome.sentence, help: outcome.nextStep };
  if (state === 'published') return delivery.url === null ? sayNoLink(delivery, say) : null;
  if (state === 'scheduled' && hold === null && channel.isPaused) return say('paused');
  if (outcome !== null && (hold !== null || state === 'scheduled'))
    return explained(outcome, { network, doubt: '', t });
  if (hold !== null) return say(`hold-${hold}`);
  if (state === 'publishing' && delivery.percent !== null) return null;
  return say(state === 'scheduled' && isLate ? 'startsNow' : state);
}

function sayNoLink({ outcome, linkPending }: Delivery, say: (key: string) => Saying): Saying {
  if (linkPending) return say('linkPending');
  return outcome === null ? say('noLink') : { what: outcome.sentence, help: outcome.nextStep };
}

function sayWhetherPosted({ delivery, channel, t }: Pick<SayingQuestion, 'delivery' | 'channel' | 't'>): string {
  if (delivery.outcome?.mayBePosted === true) return t('posts:say.mayBePosted');
  return t(canRetry(delivery, channel) ? 'posts:say.notPostedRetry' : 'posts:say.notPosted');
}

function explained(
  explanation: Explanation,
  { network, doubt, t }: { readonly network: string; readonly doubt: string; readonly t: Translate },
): Saying {
  const who = t(`posts:who.${explanation.who}`, { network });
  return { what: explanation.sentence, help: [doubt, who, explanation.nextStep].filter(Boolean).join(' ') };
}

const lineFacts = z.object({
  sentence: z.string().catch(''),
  call: z.string().optional().catch(undefined),
  code: z.string().optional().catch(undefined),
  logId: z.string().optional().catch(undefined),
  reference: z.string().optional().catch(undefined),
});

/** One line of the timeline: time, sentence, and in small print call, code and log_id. */
function lineOf({ at, kind, facts }: PanelEvent) {
  const read = lineFacts.safeParse(facts);
  const { sentence, call, code, logId, reference } = read.success ? read.data : { sentence: '' };
  const fine = Object.entries({ call, code, log_id: logId, id: reference }).filter(([, value]) => value !== undefined);
  return { at, sentence: sentence === '' ? kind : sentence, fine, isCut: kind.endsWith('point-of-no-return') };
}
