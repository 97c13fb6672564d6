/** The error that this work ends with. @throws when it succeeds */
export async function failureOf(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error) return error;
    throw new Error('Something else than an error was thrown.', { cause: error });
  }
  throw new Error('The work succeeded, but was expected to fail.');
}

/** The error of this kind that the work ends with. @throws when it succeeds or ends otherwise */
export async function caught<E extends Error>(
  kind: abstract new (...args: never[]) => E,
  work: Promise<unknown>,
): Promise<E> {
  const error = await failureOf(work);
  if (error instanceof kind) return error;
  throw new Error(`Expected ${kind.name}, but it was: ${error.message}`, { cause: error });
}
