import type { FreeSlot } from '../slots/slot-service.ts';
import type { BatchParts } from './batch-parts.ts';
import type { BatchRow } from './batch.ts';

interface SlotOrder {
  readonly teamId: number;
  /** From top to bottom. */
  readonly rows: readonly BatchRow[];
}

/**
 * Each row's next posting slot that is free at all its channels, and at none of them taken by a row above it; undefined
 * where a row has no channel or its channels have no such slot. What the rows themselves are planned for is free.
 */
export async function slotTimes(
  { slots, clock }: Pick<BatchParts, 'slots' | 'clock'>,
  { teamId, rows }: SlotOrder,
): Promise<readonly (FreeSlot | undefined)[]> {
  const exceptPostIds = rows.map(({ post }) => post.id);
  const groups = new Map<string, readonly FreeSlot[]>();
  const taken = new Map<number, Set<number>>();
  const found: (FreeSlot | undefined)[] = [];
  for (const row of rows) {
    const channelIds = channelsOf(row);
    const group = channelIds.join(',');
    const free =
      groups.get(group) ??
      (await slots.nextFreeSlots({ teamId, channelIds, from: clock.now(), count: rows.length, exceptPostIds })).shared;
    groups.set(group, free);
    const slot = free.find(({ at }) => channelIds.every((id) => taken.get(id)?.has(at) !== true));
    found.push(slot);
    if (slot === undefined) continue;
    for (const id of channelIds) taken.set(id, (taken.get(id) ?? new Set()).add(slot.at));
  }
  return found;
}

function channelsOf({ deliveries }: BatchRow): readonly number[] {
  return deliveries.map(({ channelId }) => channelId).sort((one, other) => one - other);
}
