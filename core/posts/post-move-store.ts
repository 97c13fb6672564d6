import type { Sql } from '../db/database.ts';
import type { PlannedTime } from './post.ts';

/** Another time for a version of a post. */
interface PostMove {
  readonly teamId: number;
  readonly postId: number;
  readonly version: number;
  /** SHA-256 of what was asked for: the same move sent twice is one. */
  readonly moveBody: string;
  /** Undefined leaves what is planned: the deliveries carry the due time. */
  readonly planned: PlannedTime | undefined;
  readonly now: number;
}

/** @returns false when somebody else changed the post meanwhile */
export async function storeMove(sql: Sql, move: PostMove): Promise<boolean> {
  const { planned } = move;
  const changed: unknown = await sql('posts')
    .where({ team_id: move.teamId, id: move.postId, version: move.version })
    .update({
      ...(planned === undefined ? {} : plannedColumns(planned)),
      edit_body: move.moveBody,
      version: move.version + 1,
      updated_at: move.now,
    });
  return changed === 1;
}

/** Whoever gives a draft a time means it to be scheduled, whatever its form said before. */
function plannedColumns({ date, time }: PlannedTime) {
  return { planned_date: date || null, planned_time: time || null, planned_when: null };
}
