import { z } from 'zod';

/** What a worker process is started with. */
export const processOrder = z.object({
  target: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('sqlite'), file: z.string() }),
    z.object({
      ...{ kind: z.literal('mysql'), host: z.string(), port: z.number() },
      ...{ user: z.string(), password: z.string(), database: z.string() },
    }),
  ]),
  url: z.string(),
  token: z.string(),
  file: z.object({ path: z.string(), bytes: z.number(), sha256: z.string() }),
});
export type ProcessOrder = z.output<typeof processOrder>;
