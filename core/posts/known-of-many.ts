import type { Channel } from '../channels/channel-service.ts';
import type { Media } from '../media/media.ts';
import { whyClosed, type ClosedBecause } from './channel-gate.ts';
import type { DraftCheckParts } from './draft-check.ts';
import type { CheckerOf } from './draft-checkers.ts';

/** What has been read for many posts together, each by id. */
export interface KnownOfMany {
  /** What the networks said before. */
  readonly checkerOf?: CheckerOf;
  readonly records?: {
    readonly channels: ReadonlyMap<number, Channel>;
    readonly media: ReadonlyMap<number, Media>;
  };
}

/** The rules' own reading, replaced by what is known. */
export function partsOf(
  { channels, media, plugins }: DraftCheckParts,
  { checkerOf, records }: KnownOfMany,
): Partial<DraftCheckParts> {
  const asked = checkerOf === undefined ? {} : { checkerOf };
  if (records === undefined) return asked;
  const gates = new Map<number, Promise<ClosedBecause | undefined>>();
  return {
    ...asked,
    channels: { ...channels, findMany: (_team, ids) => Promise.resolve(found(records.channels, ids)) },
    media: { ...media, findMany: (_team, ids) => Promise.resolve(found(records.media, ids)) },
    gate: (channel) => {
      const known = gates.get(channel.id) ?? whyClosed(plugins, channel);
      gates.set(channel.id, known);
      return known;
    },
  };
}

function found<Found>(known: ReadonlyMap<number, Found>, ids: readonly number[]): readonly Found[] {
  return ids.flatMap((id) => known.get(id) ?? []);
}
