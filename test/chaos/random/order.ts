import { z } from 'zod';

/** What a process of the arena becomes, told once it has loaded its code. */
export const processOrder = z.object({
  role: z.enum(['worker', 'web']),
  target: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('sqlite'), file: z.string() }),
    z.object({
      ...{ kind: z.literal('mysql'), host: z.string(), port: z.number() },
      ...{ user: z.string(), password: z.string(), database: z.string() },
    }),
  ]),
  /** TikTok. */
  url: z.string(),
  /** Where the web listens. */
  port: z.number(),
  teamId: z.number(),
  file: z.object({ path: z.string(), bytes: z.number(), sha256: z.string() }),
  /** Accesses of three accounts: the usual one, one whose uploads TikTok forgets, and one that nobody posts with. */
  tokens: z.object({ usual: z.string(), forgotten: z.string(), other: z.string() }),
});
export type ProcessOrder = z.output<typeof processOrder>;

/**
 * What is special about a delivery, at the end of its caption. The last three have to come to a person: TikTok forgets
 * its publish id, another account is connected once it is sent, or it kills every worker that touches it. Of photos it
 * may, too: where the one call that posts them was not heard.
 */
const lots = ['usual', 'photos', 'forgotten', 'switched', 'poison'] as const;
export type Lot = (typeof lots)[number];

export function captionOf(post: { readonly trial: string; readonly n: number; readonly lot: Lot }): string {
  return `${post.trial}/${post.n}/${post.lot}`;
}

export function lotOf(caption: string): Lot {
  return lots.find((lot) => caption.endsWith(`/${lot}`)) ?? 'usual';
}

/** What the web is asked to schedule, due now. */
export const newPost = z.object({ channelId: z.number(), caption: z.string() });
export type NewPost = z.output<typeof newPost>;
