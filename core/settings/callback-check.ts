import type { Translate } from '#plugin-api';

const loopbackHosts = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * What every network asks of a redirect address: absolute, https (http only on this machine), nothing after `#`,
 * and written exactly as registered. What one network asks besides is the plugin's own check.
 */
export function callbackProblem(typed: string, computed: string, t: Translate): string | undefined {
  if (!URL.canParse(typed)) return t('settings:problem.callback.absolute', { computed });
  const url = new URL(typed);
  const isPlain = url.protocol === 'http:';
  if (!isPlain && url.protocol !== 'https:') return t('settings:problem.callback.absolute', { computed });
  if (isPlain && !loopbackHosts.has(url.hostname)) return t('settings:problem.callback.https');
  if (url.username !== '' || url.password !== '') return t('settings:problem.callback.userinfo');
  if (typed.includes('?')) return t('settings:problem.callback.query');
  if (typed.includes('#')) return t('settings:problem.callback.fragment');
  if (typed !== computed && withoutSlash(typed) === withoutSlash(computed)) {
    return t('settings:problem.callback.slash', { computed });
  }
  return undefined;
}

function withoutSlash(address: string): string {
  return address.endsWith('/') ? address.slice(0, -1) : address;
}
