import type { DeliveryDesk } from '../deliveries/delivery-desk.ts';
import type { Delivery } from '../deliveries/delivery.ts';
import { NotFoundError } from '../errors.ts';
import type { TeamContext } from '../web/route.ts';
import { postIdOf } from './composer-routes.ts';
import { readId } from './post-form.ts';

/** The delivery of the address, below its own post and team. @throws NotFoundError */
export async function findDeliveryOf(
  { desk }: { readonly desk: Pick<DeliveryDesk, 'find'> },
  context: TeamContext,
): Promise<Delivery> {
  const { team, t, params } = context;
  const id = readId(params['delivery']);
  if (id === undefined) throw new NotFoundError(t('posts:absent'));
  const delivery = await desk.find(team.id, id);
  // The address names the post too: a delivery of another post is not there.
  if (delivery.postId !== postIdOf(context)) throw new NotFoundError(t('posts:absent'));
  return delivery;
}
