import type { FieldProblem } from '../errors.ts';
import { readDue } from '../posts/due-time.ts';
import { declarations } from '../posts/option-groups.ts';
import type { PostDraft } from '../posts/post-service.ts';
import type { Channel } from '../channels/channel-service.ts';
import type { BatchParts } from './batch-parts.ts';
import { draftOf } from './batch-rows.ts';
import type { BatchOptions, BatchRow } from './batch.ts';
import { optionsOfRow } from './row-options.ts';

/** A row as it would be scheduled. */
export interface ReadyRow {
  readonly row: BatchRow;
  /** Due now where it has no time yet, so that everything else can be checked. */
  readonly draft: PostDraft;
  /** What is wrong with its date and time. */
  readonly timeProblem: FieldProblem | null;
  /** Option fields that it takes from the batch, e.g. `options.4.privacy`. */
  readonly isOfBatch: (field: string) => boolean;
}

export interface ReadyQuestion {
  readonly row: BatchRow;
  readonly options: BatchOptions;
  /** Those of all rows, by id. */
  readonly channels: ReadonlyMap<number, Channel>;
  /** The team's. */
  readonly zone: string;
}

/** The row with its own options over those of the batch, due when it is planned, agreeing to what it declares. */
export function readyRow(parts: BatchParts, { row, options, channels, zone }: ReadyQuestion): ReadyRow {
  const stored = draftOf(row, parts);
  const own = channels;
  const typedOptions = new Map(
    stored.channelIds.map((id): [number, Readonly<Record<string, string>>] => {
      const composer = parts.plugins.find(own.get(id)?.plugin ?? '')?.parts.composer;
      const chosen = options.typed.get(id) ?? {};
      const ofBatch = composer?.fitting?.(chosen, row.post.media) ?? chosen;
      return [id, optionsOfRow(stored.typedOptions.get(id) ?? {}, ofBatch, composer ?? {})];
    }),
  );
  const now = parts.clock.now();
  const { date, time } = row.post.planned;
  // What the clocks do to the time is told in the row.
  const reading = readDue({
    typed: { when: 'schedule', date, time, dueSeen: `${date}T${time}` },
    zone,
    now,
    t: parts.t,
  });
  const due = reading.ok ? reading.due : { wall: '', zone, at: now };
  const chosen = stored.channelIds.flatMap((id) => channels.get(id) ?? []);
  const declared = declarations(parts.plugins, chosen, typedOptions);
  return {
    row,
    draft: {
      ...{ ...stored, typedOptions, due },
      declarations: new Map(declared.map(({ plugin, text }) => [plugin, text])),
    },
    timeProblem: reading.ok ? null : reading.problem,
    isOfBatch: (field) => isTakenFromBatch(field, stored.typedOptions),
  };
}

/** What the row's own options leave open, the batch answers. */
function isTakenFromBatch(field: string, own: PostDraft['typedOptions']): boolean {
  const [, channel, name] = /^options\.(\d+)\.(.+)$/.exec(field) ?? [];
  if (channel === undefined || name === undefined) return false;
  return (own.get(Number(channel))?.[name] ?? '') === '';
}
