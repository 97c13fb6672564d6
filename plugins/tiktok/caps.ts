import type { CallWindow, CredentialSet, FieldCheck } from '#plugin-api';

const dayMs = 24 * 3_600_000;
/**
 * developers.tiktok.com/doc/content-sharing-guidelines: about 15 posts a profile in
 * 24 hours, over all apps; 5 profiles in 24 hours for an app without audit. After the audit TikTok sets a number that
 * only its letter tells, so unless an admin types it TikTok alone counts the profiles.
 */
const postsOfAProfile = 15;
const highest = 1_000;

/** The caps of a day, to be taken before an upload is opened. A delivery or profile that tries again is counted once. */
export function dayWindows(
  set: CredentialSet | undefined,
  post: { readonly deliveryId: number; readonly accountId: string },
): readonly CallWindow[] {
  const posts = numberOf(set, 'postsPerDay') ?? postsOfAProfile;
  const profiles = numberOf(set, 'profilesPerDay');
  const whole = { withinMs: dayMs } as const;
  return [
    { ...whole, name: 'posts', per: 'account', limit: posts, member: String(post.deliveryId) },
    ...(profiles === undefined
      ? []
      : [{ ...whole, name: 'users', per: 'app', limit: profiles, member: post.accountId } as const]),
  ];
}

/** Empty, or a whole number of at least one. */
export function checkCap(typed: string): ReturnType<FieldCheck> {
  const value = typed.trim();
  if (value === '') return { value };
  const isNumber = /^[1-9]\d{0,3}$/u.test(value) && Number(value) <= highest;
  if (isNumber) return { value };
  return { problem: { key: 'tiktok:settings.problem.cap', values: { highest } } };
}

function numberOf(set: CredentialSet | undefined, field: string): number | undefined {
  const typed = set?.text(field) ?? '';
  return /^\d+$/u.test(typed) ? Number(typed) : undefined;
}
