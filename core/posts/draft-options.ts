import { z } from 'zod';
import type { Composer, Json } from '#plugin-api';
import type { Delivery } from '../deliveries/delivery.ts';

/** A draft's options may be unfinished: they are kept as typed, until scheduling turns them into the plugin's own. */
const typedSchema = z.object({ typed: z.record(z.string(), z.string()) }).catch({ typed: {} });

export function keepTyped(fields: Readonly<Record<string, string>>): Json {
  return { typed: fields };
}

/** The option fields of a delivery as they stand in the form. */
export function typedFields(delivery: Pick<Delivery, 'options' | 'dueWall'>, composer: Composer) {
  return isKeptAsTyped(delivery) ? typedSchema.parse(delivery.options).typed : composer.fields(delivery.options);
}

/** Label and value pairs; a draft shows what can be read of it. */
export function describeOptions(delivery: Pick<Delivery, 'options' | 'dueWall'>, composer: Composer) {
  if (!isKeptAsTyped(delivery)) return composer.describe(delivery.options);
  const parsed = composer.parse(typedSchema.parse(delivery.options).typed);
  return 'options' in parsed ? composer.describe(parsed.options) : [];
}

/** What was never due was never parsed. */
function isKeptAsTyped(delivery: Pick<Delivery, 'options' | 'dueWall'>): boolean {
  return delivery.dueWall === null;
}
