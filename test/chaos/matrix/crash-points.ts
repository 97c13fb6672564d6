/** Right after each of these a worker may die. */
export const crashPoints = [
  'claim commit',
  'look-before commit',
  'attempt begun',
  'init sent',
  'init answer received',
  'reference commit',
  'chunk sent',
  'chunk answer',
  'PNR commit',
  'last chunk sent',
  'last answer',
  'processing commit',
  'status answer',
  'terminal commit',
  'notification queued',
  'lease returned',
] as const;
export type CrashPoint = (typeof crashPoints)[number];

/** What becomes of a request; the simulator's own names are in docs/SIMULATOR.md. */
export const fates = {
  reset_before: { kind: 'drop-before' },
  accept_then_reset: { kind: 'drop-after' },
  accept_then_hang: { kind: 'hang-after' },
  '5xx_before': { kind: 'server-error', status: 503 },
  '5xx_after_accept': { kind: 'server-error-after', status: 503 },
  '429': { kind: 'rate-limited' },
  truncated_json: { kind: 'truncated-json' },
  '200_with_error': { kind: 'refuse', status: 200, code: 'internal_error' },
} as const;
export type Fate = keyof typeof fates;

/** In the order of the list, so that a name is one. */
export const fateNames: readonly Fate[] = [
  ...(['reset_before', 'accept_then_reset', 'accept_then_hang', '5xx_before'] as const),
  ...(['5xx_after_accept', '429', 'truncated_json', '200_with_error'] as const),
];

/** Where a process dies with a request on its way, and which request that is at TikTok. */
export const sentPoints: Partial<
  Record<CrashPoint, { readonly endpoint: 'video/init' | 'content/init' | 'upload'; readonly chunk?: 'last' | 1 }>
> = {
  'init sent': { endpoint: 'video/init' },
  'chunk sent': { endpoint: 'upload', chunk: 1 },
  'last chunk sent': { endpoint: 'upload', chunk: 'last' },
};

/** The same for photos, which one call posts: nobody can know what became of it when its answer is lost. */
export const photoPoints = {
  known: [
    ...(['claim commit', 'attempt begun', 'reference commit'] as const),
    ...(['status answer', 'terminal commit', 'lease returned'] as const),
  ],
  unknown: ['PNR commit', 'init sent', 'init answer received'],
} as const satisfies Readonly<Record<string, readonly CrashPoint[]>>;

/** Before and after TikTok took it, and one that it refuses. */
export const photoFates: readonly Fate[] = ['reset_before', 'accept_then_reset', '5xx_after_accept', '429'];
