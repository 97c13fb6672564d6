import { InputError } from '../errors.ts';
import { problemsByField } from '../web/form-problems.ts';
import type { PublicContext, Route } from '../web/route.ts';
import type { AccountService } from './account-service.ts';
import { afterPassword, type LetInParts } from './let-in.ts';

interface PasswordRouteParts extends LetInParts {
  readonly accounts: AccountService;
}

/** One-time links: whoever holds one chooses a password and is signed in. */
export function passwordRoutes(parts: PasswordRouteParts): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/password/:token',
      permission: 'public',
      handle: (context) => showForm(parts, context, {}),
    },
    {
      method: 'post',
      path: '/password/:token',
      permission: 'public',
      handle: async (context) => {
        const { params, body, language, t } = context;
        try {
          const standing = await parts.accounts.choosePassword(params['token'] ?? '', body['password']);
          // Read and answered in this language: it stays until the person chooses another.
          if (standing.language === null) await parts.accounts.setLanguage(standing.person.id, language);
          await afterPassword(parts, context, { standing, said: t('auth:password.chosen') });
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
          await showForm(parts, context, problemsByField(error));
        }
      },
    },
  ];
}

async function showForm(
  { accounts }: PasswordRouteParts,
  { params, page, t }: PublicContext,
  errors: Readonly<Record<string, string>>,
): Promise<void> {
  const token = params['token'] ?? '';
  const { name, email } = await accounts.readLink(token);
  const status = Object.keys(errors).length > 0 ? 422 : 200;
  const model = { title: t('auth:password.title'), frame: 'plain', startsSession: true, name, email, errors } as const;
  await page('auth/password', { ...model, action: `/password/${token}` }, status);
}
