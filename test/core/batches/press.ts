import { z } from 'zod';
import { declaration, type BatchesWorld } from './batches-world.ts';

/** What the button sends, and who presses it. */
export const pressOrder = z.object({
  editorId: z.number(),
  address: z.string(),
  channelId: z.number(),
  /** `12:1,13:1` */
  rows: z.string(),
});
export type PressOrder = z.infer<typeof pressOrder>;

export async function press(
  world: Pick<BatchesWorld, 'signIn'>,
  { editorId, address, channelId, rows }: PressOrder,
): Promise<void> {
  const browser = await world.signIn({ id: editorId });
  await browser.post(`${address}/schedule`, {
    ...{ nonce: 'd'.repeat(32), rows, groups: String(channelId) },
    ...{ ...declaration, [`options.${channelId}.audience`]: 'everyone' },
  });
}
