import { ConflictError } from '../errors.ts';
import type { TeamContext } from '../web/route.ts';

/** Answers an act that came too late with a 409 page: why not, what to do, and the way back to the post. */
export async function refuseWithPage(context: TeamContext, postId: number, error: unknown): Promise<void> {
  if (!(error instanceof ConflictError)) throw error;
  const { message: what, help = '', code } = error;
  const postHref = `/team/${context.team.id}/posts/${postId}`;
  await context.page('posts/refused', { title: what, current: 'posts', problem: { what, help, code }, postHref }, 409);
}
