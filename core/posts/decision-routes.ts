import type { Channel } from '../channels/channel-service.ts';
import type { DeliveryDesk } from '../deliveries/delivery-desk.ts';
import type { Decision, Delivery } from '../deliveries/delivery.ts';
import { InputError } from '../errors.ts';
import type { Route, TeamContext } from '../web/route.ts';
import { memberOf } from './composer-routes.ts';
import { readDecision } from './decision-form.ts';
import { faceOf } from './option-groups.ts';
import { findDeliveryOf } from './delivery-address.ts';
import { type PostPageParts, showPost } from './post-page-routes.ts';
import { refuseWithPage } from './refusal.ts';

export type DecisionParts = PostPageParts & {
  readonly desk: Pick<DeliveryDesk, 'find' | 'decide' | 'dismiss'>;
};

const paths: Readonly<Record<Decision['kind'], string>> = {
  'check-again': 'check',
  posted: 'posted',
  'not-posted': 'not-posted',
  drop: 'drop',
};
const kinds = ['check-again', 'posted', 'not-posted', 'drop'] as const satisfies readonly Decision['kind'][];

/** The four decisions about a delivery that needs attention, and giving up what failed. */
export function decisionRoutes(parts: DecisionParts): readonly Route[] {
  const delivery = '/team/:team/posts/:post/deliveries/:delivery';
  return [
    ...kinds.map((kind): Route => ({
      method: 'post',
      path: `${delivery}/${paths[kind]}`,
      permission: 'attention.decide',
      handle: (context) => decide(parts, context, kind),
    })),
    {
      method: 'post',
      path: `${delivery}/dismissal`,
      permission: 'posts.edit',
      handle: (context) => dismiss(parts, context),
    },
  ];
}

async function decide(parts: DecisionParts, context: TeamContext, kind: Decision['kind']): Promise<void> {
  const { delivery, channel } = await deliveryOf(parts, context);
  const { team, t, body } = context;
  try {
    const decision = await readDecision(parts, { kind, channel, body, t });
    await parts.desk.decide({ actor: memberOf(context), teamId: team.id, id: delivery.id }, decision);
    const { network } = faceOf(parts.plugins, channel);
    context.flash('ok', t(`posts:decided.${kind}`, { network, channel: channel.nickname }));
    context.redirect(`/team/${team.id}/posts/${delivery.postId}`);
  } catch (error) {
    if (!(error instanceof InputError)) return refuseWithPage(context, delivery.postId, error);
    const typed = { deliveryId: delivery.id, link: body['link'] ?? '', confirmation: body['confirmation'] ?? '' };
    await showPost(parts, context, { ...typed, error });
  }
}

async function dismiss(parts: DecisionParts, context: TeamContext): Promise<void> {
  const { delivery } = await deliveryOf(parts, context);
  const { team, t } = context;
  try {
    await parts.desk.dismiss({ actor: memberOf(context), teamId: team.id, id: delivery.id });
    context.flash('ok', t('posts:decided.drop'));
    context.redirect(`/team/${team.id}/posts/${delivery.postId}`);
  } catch (error) {
    await refuseWithPage(context, delivery.postId, error);
  }
}

async function deliveryOf(
  parts: DecisionParts,
  context: TeamContext,
): Promise<{ readonly delivery: Delivery; readonly channel: Channel }> {
  const delivery = await findDeliveryOf(parts, context);
  const [channel] = await parts.channels.findMany(context.team.id, [delivery.channelId]);
  if (channel === undefined) throw new Error(`The channel of delivery ${delivery.id} is missing.`);
  return { delivery, channel };
}
