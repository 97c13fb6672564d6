/** What a library handed over as its error: an Error, or anything that becomes one. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error('Something that is no error was thrown.', { cause: thrown });
}
