import type { CredentialSet, MissingScope, Translate } from '#plugin-api';

/** TikTok writes the granted scopes as one comma list: developers.tiktok.com/doc/tiktok-api-scopes */
export function scopesOf(list: string): readonly string[] {
  return list.split(/[,\s]+/u).filter((scope) => scope !== '');
}

/** What was asked for and not granted, with what will not work. */
export function missingScopes(t: Translate, granted: readonly string[], set: CredentialSet): readonly MissingScope[] {
  return set
    .choices('scopes')
    .filter((scope) => !granted.includes(scope))
    .map((scope) => ({ scope, consequence: t(`tiktok:missing.${scope.replaceAll('.', '_')}`) }));
}
