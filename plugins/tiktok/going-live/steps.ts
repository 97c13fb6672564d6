import type { GoingLiveFacts, GoingLiveStep, IconRule, Translate } from '#plugin-api';
import { checksOf } from './checks.ts';
import { explanations, scopesIn } from './review-texts.ts';

/** developers.tiktok.com/doc/getting-started-create-an-app: 1024 × 1024, JPEG, JPG or PNG, at most 5 MB. */
export const iconRule: IconRule = { side: 1024, mostBytes: 5_000_000, types: ['image/jpeg', 'image/png'] };

type Copies = ReturnType<NonNullable<GoingLiveStep['copies']>>;

interface StepShape {
  readonly id: string;
  readonly todos: number;
  /** Nothing but a person can see it. */
  readonly byHand?: true;
  readonly isOptional?: true;
  readonly asksIcon?: true;
  readonly isNeeded?: (facts: GoingLiveFacts) => boolean;
  readonly copies?: (t: Translate, facts: GoingLiveFacts) => Copies;
}

const at = (step: string) => `tiktok-going-live:steps.${step}`;
const isPublishing = (facts: GoingLiveFacts) => scopesIn(facts).has('video.publish');

/**
 * In the order of the portal: what the app's page needs, its review and the audit. Pages: getting-started-create-an-app,
 * app-review-guidelines, add-a-sandbox, working-with-organizations, content-sharing-guidelines.
 */
const shapes: readonly StepShape[] = [
  { id: 'use', todos: 2, byHand: true },
  { id: 'organization', todos: 2, byHand: true, isOptional: true },
  { id: 'icon', todos: 2, byHand: true, asksIcon: true },
  { id: 'category', todos: 1, byHand: true },
  {
    ...{ id: 'description', todos: 1, byHand: true },
    copies: (t, facts) => [
      { label: t(`${at('description')}.name`), value: facts.siteName },
      ...explanations(t, facts).flatMap((one) =>
        one.kind === 'app' && 'text' in one ? [{ label: t(`${at('description')}.description`), value: one.text }] : [],
      ),
    ],
  },
  {
    ...{ id: 'pages', todos: 2, byHand: true },
    copies: (t, { pages, publicUrl }) => [
      { label: t(`${at('pages')}.terms`), value: pages.terms.url },
      { label: t(`${at('pages')}.privacy`), value: pages.privacy.url },
      { label: t(`${at('pages')}.website`), value: `${publicUrl}/` },
    ],
  },
  {
    ...{ id: 'domain', todos: 3, byHand: true },
    copies: (t, { publicUrl }) => [
      { label: t(`${at('domain')}.domain`), value: hostOf(publicUrl) },
      { label: t(`${at('domain')}.prefix`), value: `${publicUrl}/` },
    ],
  },
  {
    ...{ id: 'products', todos: 2, byHand: true },
    copies: (t, { reviewed }) => [{ label: t(`${at('products')}.redirect`), value: reviewed.callbackUrl }],
  },
  {
    ...{ id: 'scopes', todos: 2, byHand: true },
    copies: (t, facts) => [{ label: t(`${at('scopes')}.scope`), value: [...scopesIn(facts)].join(', ') }],
  },
  { id: 'trial', todos: 3 },
  { id: 'import', todos: 3, byHand: true },
  { id: 'film', todos: 2, byHand: true },
  { id: 'submit', todos: 2 },
  { id: 'live', todos: 2 },
  {
    ...{ id: 'audit', todos: 4, isNeeded: isPublishing },
    copies: (t) => [{ label: t(`${at('audit')}.form`), value: auditForm }],
  },
];

/** developers.tiktok.com/doc/content-sharing-guidelines */
const auditForm = 'https://developers.tiktok.com/application/content-posting-api';

export function goingLiveSteps(t: Translate, site: { readonly publicUrl: string }): readonly GoingLiveStep[] {
  const values = { domain: hostOf(site.publicUrl), url: site.publicUrl, side: iconRule.side, most: 5 };
  return shapes.map(({ id, todos, byHand, isOptional, asksIcon, isNeeded, copies }) => ({
    id,
    title: t(`${at(id)}.title`),
    about: t(`${at(id)}.about`, values),
    todo: Array.from({ length: todos }, (_, n) => t(`${at(id)}.todo${n + 1}`, values)),
    checks: checksOf(t, id),
    ...(byHand === true ? { byHand: t(`${at(id)}.byHand`) } : {}),
    ...(isOptional === true ? { isOptional } : {}),
    ...(asksIcon === true ? { asksIcon } : {}),
    ...(isNeeded === undefined ? {} : { isNeeded }),
    ...(copies === undefined ? {} : { copies: (facts: GoingLiveFacts) => copies(t, facts) }),
  }));
}

function hostOf(publicUrl: string): string {
  return new URL(publicUrl).hostname;
}
