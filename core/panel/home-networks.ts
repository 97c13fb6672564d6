import type { Translate } from '#plugin-api';
import type { ActivePlugin, PluginRegistry } from '../plugin-host/plugin-registry.ts';
import type { HomeNetwork } from '../site/site-routes.ts';

/** What the home page tells of the networks that teams may connect now, and what is asked of people there. */
export async function homeNetworks(registry: PluginRegistry, t: Translate): Promise<readonly HomeNetwork[]> {
  const enabled: HomeNetwork[] = [];
  for (const active of registry.all()) {
    if (await active.settings.isEnabled()) enabled.push(await describe(active, t));
  }
  return enabled;
}

async function describe({ plugin, settings }: ActivePlugin, t: Translate): Promise<HomeNetwork> {
  const set = await settings.active();
  const asks = plugin.settings.fields.flatMap((field) => {
    if (field.kind !== 'choices') return [];
    const chosen =
      set?.choices(field.id) ?? field.choices.filter(({ byDefault }) => byDefault).map(({ value }) => value);
    return field.choices
      .filter(({ value }) => chosen.includes(value))
      .map(({ value, why }) => ({ scope: value, why: t(why) }));
  });
  return { name: plugin.name, icon: plugin.icon, asks };
}
