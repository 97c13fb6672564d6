import type { Clock } from '#plugin-api';
import type { ApprovalService } from '../approvals/approval-service.ts';
import type { DeliveryDesk } from '../deliveries/delivery-desk.ts';
import { NotFoundError } from '../errors.ts';
import type { TeamContext } from '../web/route.ts';
import type { ComposerModelParts } from './composer-model.ts';
import { readId } from './post-form.ts';
import type { Member, PostService } from './post-service.ts';

export interface ComposerRouteParts extends ComposerModelParts {
  readonly posts: PostService;
  readonly desk: Pick<DeliveryDesk, 'ofPost'>;
  readonly approvals: Pick<ApprovalService, 'sentBack'>;
  readonly clock: Clock;
}

/** The id in the address; what is no id is no post either. @throws NotFoundError */
export function postIdOf({ params, t }: TeamContext): number {
  const id = readId(params['post']);
  if (id === undefined) throw new NotFoundError(t('posts:absent'));
  return id;
}

export function memberOf({ person, team }: TeamContext): Member {
  return { id: person.id, name: person.name, teamId: team.id, zone: team.zone };
}
