import { retryAfter } from '../auth/wait-words.ts';
import type { PublicContext, Route } from '../web/route.ts';
import type { Letters } from './letter-jobs.ts';

interface ForgottenRouteParts {
  readonly letters: Letters;
}

/** A new password by mail. Whether anybody has the address is not told: the answer and the work are the same. */
export function forgottenRoutes(parts: ForgottenRouteParts): readonly Route[] {
  const path = '/password/forgotten';
  return [
    { method: 'get', path, permission: 'public', handle: (context) => draw(parts, context, {}) },
    {
      method: 'post',
      path,
      permission: 'public',
      handle: async (context) => {
        const { req, res, body, t } = context;
        const { email = '' } = body;
        const ms = await parts.letters.askForPassword(email, req.ip ?? '');
        if (ms > 0) {
          await draw(parts, context, { problem: t('auth:signIn.wait', { count: retryAfter(res, ms) }) });
          return;
        }
        await draw(parts, context, { isAsked: email.trim() !== '' });
      },
    },
  ];
}

interface Drawn {
  readonly problem?: string;
  readonly isAsked?: boolean;
}

function draw(
  { letters }: ForgottenRouteParts,
  { page, t }: PublicContext,
  { problem = '', isAsked = false }: Drawn,
): Promise<void> {
  const title = t('letters:forgotten.title');
  const model = { title, frame: 'plain', startsSession: true, sendsMail: letters.isOn, isAsked, problem } as const;
  return page('letters/forgotten', model, problem === '' ? 200 : 429);
}
