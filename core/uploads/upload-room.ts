import { statfs } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '#plugin-api';
import { lengthOnDisk } from './settle-upload.ts';
import type { UploadStore } from './upload-store.ts';
import type { Uploader } from './upload.ts';

/** How many uploads may be unfinished at a time: of one person in a team, and of the whole team. */
export interface UploadLimits {
  readonly ofPerson: number;
  readonly ofTeam: number;
}

export const usualLimits: UploadLimits = { ofPerson: 200, ofTeam: 1_000 };

/** What stands in a new upload's way. */
export type Obstacle = 'own-uploads' | 'team-uploads' | 'disk';

/** An upload that is not even begun; nothing of it was kept. */
export class NotBegun extends Error {
  override readonly name = 'NotBegun';
  readonly obstacle: Obstacle;

  constructor(obstacle: Obstacle) {
    super(`The upload was not begun: ${obstacle}.`);
    this.obstacle = obstacle;
  }
}

export interface RoomParts {
  readonly store: UploadStore;
  readonly clock: Clock;
  /** Where unfinished files lie, under the ids of their uploads. */
  readonly folder: string;
  readonly limits: UploadLimits;
}

/** Left free for the database and for what others write. */
const spareBytes = 64 * 1024 * 1024;
/** What is made of a file lies beside it for a while: a picture as networks take it, and the small one for pages. */
const besidesBytes = 6 * 1024 * 1024;
/**
 * An upload that nobody went on with for so long keeps what has arrived, and gives the room for its rest to others: a
 * closed laptop must not close the disk to every team for a week.
 */
const holdsRoomMs = 24 * 3_600_000;

/**
 * Asked once the new upload has its row: of two that are begun in the same moment each sees the other, whichever process
 * they come to. @returns undefined where it may stay
 */
export async function findObstacle(parts: RoomParts, owner: Uploader): Promise<Obstacle | undefined> {
  const { own, ofTeam } = await parts.store.countUnfinished(owner);
  if (own > parts.limits.ofPerson) return 'own-uploads';
  if (ofTeam > parts.limits.ofTeam) return 'team-uploads';
  return (await spareRoom(parts)) < 0 ? 'disk' : undefined;
}

/** @returns bytes that the disk has beyond what is promised to unfinished uploads; below 0 where it has promised too much */
export async function spareRoom({ store, clock, folder }: Omit<RoomParts, 'limits'>): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  const begun = await store.unfinishedSince(clock.now() - holdsRoomMs);
  const missing = begun.map(async ({ id, bytes }) => {
    const arrived = (await lengthOnDisk(path.join(folder, id))) ?? 0;
    return Math.max(0, bytes - arrived) + besidesBytes;
  });
  const promised = (await Promise.all(missing)).reduce((all, bytes) => all + bytes, 0);
  return bavail * bsize - spareBytes - promised;
}
