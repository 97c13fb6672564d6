import type { PublicContext, Route, Standing } from '../web/route.ts';
import { awaitedIn, codePath, letIn, type LetInParts } from './let-in.ts';
import { retryAfter } from './wait-words.ts';

export interface CodeRouteParts extends LetInParts {
  readonly findStanding: (personId: number) => Promise<Standing | undefined>;
}

/** The second step of signing in, for those who have chosen to have one. */
export function codeRoutes(parts: CodeRouteParts): readonly Route[] {
  return [
    {
      method: 'get',
      path: codePath,
      permission: 'public',
      handle: async (context) => {
        if ((await awaitedIn(parts, context)) === undefined) context.redirect('/sign-in');
        else await drawCode(context, '', 200);
      },
    },
    { method: 'post', path: codePath, permission: 'public', handle: (context) => readCode(parts, context) },
  ];
}

async function readCode(parts: CodeRouteParts, context: PublicContext): Promise<void> {
  const { body, res, t, flash, redirect } = context;
  const awaited = await awaitedIn(parts, context);
  const standing = awaited && (await parts.findStanding(awaited.personId));
  if (awaited === undefined || standing === undefined) {
    flash('info', t('auth:code.late'));
    redirect('/sign-in');
    return;
  }
  const verdict = await parts.secondFactors.verify(awaited.personId, body['code'] ?? '');
  if (verdict.kind === 'wait') {
    const minutes = retryAfter(res, verdict.ms);
    return drawCode(context, t('auth:code.wait', { count: minutes }), 429);
  }
  if (verdict.kind === 'wrong') {
    const { personId } = awaited;
    const about = { teamId: null, actorId: personId, subject: 'user', subjectId: personId } as const;
    await parts.events.record({ ...about, kind: 'user.sign-in-failed', facts: { factor: 'app' } });
    return drawCode(context, t('auth:code.wrong'), 422);
  }
  const next = awaited.next === '' ? undefined : awaited.next;
  return letIn(parts, context, { standing, next, factor: verdict.by });
}

function drawCode({ page, t }: PublicContext, problem: string, status: number): Promise<void> {
  return page('auth/code', { title: t('auth:code.title'), frame: 'plain', startsSession: true, problem }, status);
}
