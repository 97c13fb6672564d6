import type { Composer } from '#plugin-api';

type Typed = Readonly<Record<string, string>>;

/**
 * The option fields that a row of a batch is scheduled with. What the row has itself lies over what was chosen for the
 * whole batch; a row in which everything is chosen that a person must choose stands on its own.
 */
export function optionsOfRow(own: Typed, ofBatch: Typed, { columns = [] }: Pick<Composer, 'columns'>): Typed {
  const filled = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== ''));
  if (Object.keys(filled).length === 0) return ofBatch;
  const isWhole = columns.every(({ field, isChoice }) => isChoice !== true || filled[field] !== undefined);
  return isWhole ? filled : { ...ofBatch, ...filled };
}

/** Whether the row says anything about its options that the batch does not. */
export function hasOwnOptions(own: Typed): boolean {
  return Object.values(own).some((value) => value !== '');
}
