import { InputError } from '../errors.ts';
import { memberOf, postIdOf } from '../posts/composer-routes.ts';
import { type PostPageParts, showPost } from '../posts/post-page-routes.ts';
import { refuseWithPage } from '../posts/refusal.ts';
import type { Route, TeamContext } from '../web/route.ts';
import type { ApprovalService } from './approval-service.ts';

export interface ApprovalRouteParts extends PostPageParts {
  readonly approvals: ApprovalService;
}

/** A manager or an owner decides about a post that waits; its author goes on with what was sent back. */
export function approvalRoutes(parts: ApprovalRouteParts): readonly Route[] {
  const post = '/team/:team/posts/:post';
  const act = { method: 'post', permission: 'posts.approve' } as const;
  return [
    { ...act, path: `${post}/approval`, handle: (context: TeamContext) => approve(parts, context) },
    { ...act, path: `${post}/return`, handle: (context: TeamContext) => sendBack(parts, context) },
    {
      ...{ method: 'post', permission: 'posts.edit', path: `${post}/separation` },
      handle: (context: TeamContext) => separate(parts, context),
    },
  ];
}

async function approve({ approvals }: ApprovalRouteParts, context: TeamContext): Promise<void> {
  const postId = postIdOf(context);
  try {
    await approvals.approve(memberOf(context), { postId, seen: context.body['seen'] ?? '' });
    context.flash('ok', context.t('approvals:approved'));
    context.redirect(`/team/${context.team.id}/posts/${postId}`);
  } catch (error) {
    await refuseWithPage(context, postId, error);
  }
}

async function sendBack(parts: ApprovalRouteParts, context: TeamContext): Promise<void> {
  const postId = postIdOf(context);
  const { seen = '', comment = '' } = context.body;
  try {
    await parts.approvals.sendBack(memberOf(context), { postId, seen, comment });
    context.flash('ok', context.t('approvals:sentBack'));
    context.redirect(`/team/${context.team.id}/posts/${postId}`);
  } catch (error) {
    if (!(error instanceof InputError)) return refuseWithPage(context, postId, error);
    await showPost(parts, context, { comment, error });
  }
}

/** On to where the new post is changed. */
async function separate({ approvals }: ApprovalRouteParts, context: TeamContext): Promise<void> {
  const postId = postIdOf(context);
  try {
    const apart = await approvals.separate(memberOf(context), postId);
    context.flash('ok', context.t('approvals:separated'));
    context.redirect(`/team/${context.team.id}/posts/${apart}/edit`);
  } catch (error) {
    await refuseWithPage(context, postId, error);
  }
}
