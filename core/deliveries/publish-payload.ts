import { z } from 'zod';
import type { Json } from '#plugin-api';

/** What the job of a delivery carries from one claim to the next. Times are UTC milliseconds, 0 = never. */
const payloadSchema = z.object({
  /** A person had it tried again: the grace counts from here. */
  retriedAt: z.number().default(0),
  /** How many attempts there were then: what went wrong in them does not count any more. */
  attemptsBefore: z.number().default(0),
  /** A person asked to look again: the time in which an outcome is looked for counts from here. */
  askedAgainAt: z.number().default(0),
  /** The network called about it while it waits for a person's decision: one look, which only an outcome can follow. */
  isLateLook: z.boolean().default(false),
  /** How often the link of a published post was looked for. */
  looks: z.number().default(0),
  /** Errors that nobody explains, since it last got on. */
  unexplained: z.number().default(0),
});
export type PublishPayload = z.output<typeof payloadSchema>;

export function readPayload(payload: Json): PublishPayload {
  return payloadSchema.parse(payload);
}
