import type { GoingLiveFacts, ReviewText, Translate } from '#plugin-api';

/** What a network's reviewers can be told about, and be shown: nothing here sends drafts. */
const usedScopes = ['user.info.basic', 'user.info.profile', 'user.info.stats', 'video.list', 'video.publish'] as const;

/** What is asked for and used: exactly this is explained and filmed. */
export function scopesIn(facts: GoingLiveFacts): ReadonlySet<string> {
  const used: ReadonlySet<string> = new Set(usedScopes);
  return new Set(facts.reviewed.choices('scopes').filter((scope) => used.has(scope)));
}

/** Ticked, but nothing would show it. */
export function unusedScopes(facts: GoingLiveFacts): readonly string[] {
  const used = scopesIn(facts);
  return facts.reviewed.choices('scopes').filter((scope) => !used.has(scope));
}

/**
 * The description and one explanation for each product and scope, as the app's form at TikTok asks for them
 * (developers.tiktok.com/doc/app-review-guidelines). Login Kit comes with every app; its scope user.info.basic too
 * (developers.tiktok.com/doc/tiktok-api-scopes).
 */
export function explanations(t: Translate, facts: GoingLiveFacts): readonly ReviewText[] {
  const site = { site: facts.siteName };
  const scopes = scopesIn(facts);
  const product = (id: string): ReviewText => ({
    name: t(`tiktok-review:products.${id}.name`),
    kind: 'product',
    text: t(`tiktok-review:products.${id}.text`, site),
  });
  const isPublishing = scopes.has('video.publish');
  return [
    {
      name: t('tiktok-review:app.name'),
      kind: 'app',
      text: t(`tiktok-review:app.${isPublishing ? 'publishes' : 'reads'}`, site),
    },
    product('login'),
    ...(isPublishing ? [product('posting')] : []),
    ...[...scopes].map((scope): ReviewText => ({
      name: scope,
      kind: 'permission',
      text: t(`tiktok-review:scopes.${scope.replaceAll('.', '_')}`, site),
    })),
    ...unusedScopes(facts).map((scope): ReviewText => ({
      name: scope,
      kind: 'permission',
      warning: t('tiktok-review:unused'),
    })),
  ];
}
