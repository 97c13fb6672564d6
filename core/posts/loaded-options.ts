import { z } from 'zod';
import type { FileProblem, Log } from '#plugin-api';

const fileProblems = z.array(z.object({ message: z.string().min(1), code: z.string().min(1).exactOptional() }));

const loadedFacts = z.object({
  captionLimit: z.int().positive().exactOptional(),
  maxDuration: z.string().nullable().default(null),
  mediaProblems: fileProblems.nullable().default(null),
});

/** What the host itself reads of what a network's composer has loaded. */
export type LoadedFacts = z.infer<typeof loadedFacts>;

interface Told {
  readonly log: Log;
  readonly plugin: string;
  readonly told: unknown;
}

/** @returns undefined where it is not as the contract says: the log has what is wrong, and nobody guesses the rest */
export function readLoaded(told: Told): LoadedFacts | undefined {
  return read(loadedFacts, 'composer.load', told);
}

/** The same for files that were chosen later. */
export function readFileProblems(told: Told): readonly FileProblem[] | undefined {
  return read(fileProblems, 'composer.fileProblems', told);
}

function read<T>(shape: z.ZodType<T>, call: string, { log, plugin, told }: Told): T | undefined {
  const parsed = shape.safeParse(told);
  if (parsed.success) return parsed.data;
  // The complaints name places and types, never what stood there.
  log.error({ plugin, call, wrong: z.prettifyError(parsed.error) }, 'a plugin answered in another shape than agreed');
  return undefined;
}
