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
