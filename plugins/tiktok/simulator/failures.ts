import { z } from 'zod';
import { Fates, type FatesOrder } from './fates.ts';

const endpointNames = [
  'oauth/token',
  'oauth/revoke',
  'user/info',
  'video/list',
  'video/query',
  'creator_info/query',
  'video/init',
  'content/init',
  'status/fetch',
  'cancel',
  'upload',
] as const;
export type EndpointName = (typeof endpointNames)[number];

/**
 * A failure that happens a number of times. Kinds ending in `-after` do the work first and spoil only the answer;
 * all others happen instead of the work.
 */
export const failureShape = z.strictObject({
  endpoint: z.enum([...endpointNames, 'publish', '*']),
  kind: z.enum([
    'server-error',
    'server-error-after',
    'rate-limited',
    'drop-before',
    'drop-midway',
    'drop-after',
    'hang',
    'hang-after',
    'truncated-json',
    'html-body',
    'refuse',
    'expired-access-token',
    'invalid-grant',
    'upload-url-expired',
    'upload-forgotten',
    'fail-reason',
  ]),
  times: z.number().int().min(1).default(1),
  skip: z.number().int().min(0).default(0),
  account: z.string().optional(),
  chunk: z.union([z.literal('last'), z.number().int().min(1)]).optional(),
  status: z.number().int().min(200).max(599).optional(),
  code: z.string().optional(),
  message: z.string().optional(),
  reason: z.string().optional(),
  seconds: z.number().min(0).optional(),
  after_bytes: z.number().int().min(0).optional(),
});

export type Failure = z.output<typeof failureShape>;
export type FailureInput = z.input<typeof failureShape>;

/** What is known about a request before it is answered. `chunk` counts from 1. */
export interface RequestFacts {
  readonly endpoint: EndpointName | 'publish';
  readonly account?: string | undefined;
  readonly chunk?: number | undefined;
  readonly isLastChunk?: boolean;
}

/** The queue of failures to come. The first that fits a request is used up by it. */
export class Failures {
  #waiting: Failure[] = [];
  #fates: Fates | undefined;

  add(input: unknown): void {
    this.#waiting.push(...z.array(failureShape).parse(input));
  }

  clear(): void {
    this.#waiting = [];
    this.#fates = undefined;
  }

  /** From now on requests that no failure waits for meet one of the fates; null: no more. */
  deal(order: FatesOrder | null): void {
    this.#fates = order === null ? undefined : new Fates(order);
  }

  get waiting(): readonly Failure[] {
    return this.#waiting;
  }

  take(facts: RequestFacts): Failure | undefined {
    const fitting = this.#waiting.filter((failure) => fits(failure, facts));
    const ready = fitting.find((failure) => failure.skip === 0);
    for (const failure of fitting) if (failure.skip > 0) failure.skip -= 1;
    if (ready === undefined) return this.#fateOf(facts);
    ready.times -= 1;
    if (ready.times === 0) this.#waiting.splice(this.#waiting.indexOf(ready), 1);
    return ready;
  }

  #fateOf(facts: RequestFacts): Failure | undefined {
    const fate = facts.endpoint === 'publish' ? undefined : this.#fates?.next();
    return fate === undefined ? undefined : failureShape.parse({ endpoint: facts.endpoint, ...fate });
  }
}

function fits(failure: Failure, facts: RequestFacts): boolean {
  if (failure.endpoint === '*' ? facts.endpoint === 'publish' : failure.endpoint !== facts.endpoint) return false;
  if (failure.account !== undefined && failure.account !== facts.account) return false;
  if (failure.chunk === 'last') return facts.isLastChunk === true;
  return failure.chunk === undefined || failure.chunk === facts.chunk;
}
