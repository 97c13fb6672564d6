/** Deliveries that ask for somebody: first those that only a person can decide, then those that failed. */
export const askingStates = ['needs-attention', 'failed'] as const;
export type AskingState = (typeof askingStates)[number];

/** Where a delivery stands in the list: by state, the latest due first, then the higher id. */
export interface AttentionKey {
  readonly state: AskingState;
  readonly dueAt: number;
  readonly id: number;
}

export interface AttentionPlace {
  readonly teamId: number;
  readonly limit: number;
  /** The page behind this delivery, or in front of it. */
  readonly turn?: { readonly to: 'further' | 'back'; readonly from: AttentionKey };
}
