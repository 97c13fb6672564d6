import { readPluginSettings, type SettingsDeps } from './settings-deps.ts';
import { computedCallbackUrl } from './settings-values.ts';

/** Paths of our own host that an overridden Callback URL names, each with its plugin. */
export async function callbackPaths(
  deps: Pick<SettingsDeps, 'registry' | 'store' | 'vault' | 'config'>,
): Promise<ReadonlyMap<string, string>> {
  const { host } = new URL(deps.config.publicUrl);
  const paths = new Map<string, string>();
  for (const { plugin } of deps.registry.all()) {
    const values = await readPluginSettings(deps, plugin);
    for (const { callbackUrl } of values.sets) {
      const isComputed = callbackUrl === computedCallbackUrl(deps.config.publicUrl, plugin.id);
      if (isComputed || !URL.canParse(callbackUrl)) continue;
      const url = new URL(callbackUrl);
      if (url.host === host) paths.set(url.pathname, plugin.id);
    }
  }
  return paths;
}
