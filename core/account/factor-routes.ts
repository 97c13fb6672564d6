import type { FactorOwner, FactorSetup, SecondFactorService } from '../auth/second-factor-service.ts';
import { InputError } from '../errors.ts';
import { problemsByField } from '../web/form-problems.ts';
import type { PersonContext, Route } from '../web/route.ts';

interface FactorRouteParts {
  readonly secondFactors: SecondFactorService;
}

const here = '/account/second-factor';

/** The second factor of one's own account. Every step asks for the password again. */
export function factorRoutes(parts: FactorRouteParts): readonly Route[] {
  const guarded = { method: 'post', permission: 'signed-in', confirms: () => true } as const;
  return [
    { method: 'get', path: here, permission: 'signed-in', handle: (context) => show(parts, context, {}) },
    {
      ...guarded,
      path: `${here}/setup`,
      handle: async (context: PersonContext) =>
        show(parts, context, { setup: await parts.secondFactors.begin(ownerOf(context)) }),
    },
    { ...guarded, path: here, handle: (context: PersonContext) => enable(parts, context) },
    {
      ...guarded,
      path: `${here}/recovery-codes`,
      handle: async (context: PersonContext) => {
        await show(parts, context, { codes: await parts.secondFactors.newRecoveryCodes(context.person.id) });
      },
    },
    {
      ...guarded,
      path: `${here}/removal`,
      handle: async ({ person, flash, redirect, t }: PersonContext) => {
        await parts.secondFactors.remove(person.id, person.id);
        flash('ok', t('account:factor.removed'));
        redirect(here);
      },
    },
  ];
}

function ownerOf({ person, sessionHash }: PersonContext): FactorOwner {
  return { id: person.id, email: person.email, sessionHash };
}

async function enable({ secondFactors }: FactorRouteParts, context: PersonContext): Promise<void> {
  const { body } = context;
  const { kept = '', code = '' } = body;
  try {
    const codes = await secondFactors.enable(ownerOf(context), { kept, code });
    await show({ secondFactors }, context, { codes });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const setup = await secondFactors.resume(ownerOf(context), kept);
    await show({ secondFactors }, context, { setup, errors: problemsByField(error) });
  }
}

interface Shown {
  /** Not in use yet. */
  readonly setup?: FactorSetup | undefined;
  /** Just made: seen this once. */
  readonly codes?: readonly string[];
  readonly errors?: Readonly<Record<string, string>>;
}

async function show({ secondFactors }: FactorRouteParts, context: PersonContext, shown: Shown): Promise<void> {
  const { page, person, t } = context;
  const { setup, codes, errors = {} } = shown;
  const model = {
    title: t('account:factor.title'),
    current: 'account',
    factor: (await secondFactors.stateOf(person.id)) ?? null,
    setup: setup === undefined ? null : { ...setup, spoken: (setup.secret.match(/.{1,4}/g) ?? []).join(' ') },
    codes: codes ?? null,
    errors,
  };
  await page('account/second-factor', model, shown.errors === undefined ? 200 : 422);
}
