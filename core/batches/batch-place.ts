import { NotFoundError } from '../errors.ts';
import type { MediaService } from '../media/media-service.ts';
import type { OptionGroupParts } from '../posts/option-groups.ts';
import { readId } from '../posts/post-form.ts';
import type { TeamContext } from '../web/route.ts';
import type { Batch, BatchParts, BatchService } from './batch-service.ts';

export interface BatchRouteParts extends Omit<BatchParts, 'store'> {
  readonly batches: BatchService;
  readonly channels: BatchParts['channels'] & OptionGroupParts['channels'];
  readonly media: BatchParts['media'] & Pick<MediaService, 'view'>;
  readonly log: OptionGroupParts['log'];
}

/** @throws NotFoundError */
export async function batchOf(parts: BatchRouteParts, { params, team, t }: TeamContext): Promise<Batch> {
  const id = readId(params['batch']);
  if (id === undefined) throw new NotFoundError(t('batches:absent'));
  return parts.batches.find(team.id, id);
}

export function addressOf({ team }: TeamContext, batch: Pick<Batch, 'id'>): string {
  return `/team/${team.id}/batches/${batch.id}`;
}
