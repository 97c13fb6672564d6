import type { Route } from '../web/route.ts';
import { composerRoutes, type ComposerRouteParts } from './composer-routes.ts';
import { decisionRoutes, type DecisionParts } from './decision-routes.ts';
import { postListRoutes, type PostListParts } from './post-list-routes.ts';
import { postPageRoutes, type PostPageParts } from './post-page-routes.ts';

export type PostRouteParts = ComposerRouteParts & PostListParts & PostPageParts & DecisionParts;

/** The named addresses come before `/posts/:post`, which would take them for a post. */
export function postRoutes(parts: PostRouteParts): readonly Route[] {
  return [...postListRoutes(parts), ...composerRoutes(parts), ...postPageRoutes(parts), ...decisionRoutes(parts)];
}
