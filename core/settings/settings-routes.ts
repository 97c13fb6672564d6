import type { ConnectionTestResult, Translate } from '#plugin-api';
import type { Config } from '../config.ts';
import type { ActivePlugin, PluginRegistry } from '../plugin-host/plugin-registry.ts';
import type { PersonContext, Route } from '../web/route.ts';
import type { ModeSwitch } from './mode-switch.ts';
import type { CutOffChannels } from './save-settings.ts';
import type { SettingsDraft, SettingsForm } from './settings-form.ts';
import type { SettingsService } from './settings-service.ts';

export interface SettingsRoutesDeps {
  readonly settings: SettingsService;
  readonly registry: PluginRegistry;
  readonly config: Pick<Config, 'publicUrl'>;
  /** What the setup check of a network found last, for its section. */
  readonly setupCheck: (pluginId: string, t: Translate) => Promise<object>;
}

/** Settings → API Integration: one form for each network. */
export function settingsRoutes(deps: SettingsRoutesDeps): readonly Route[] {
  const at = '/admin/api-integration';
  return [
    { method: 'get', path: at, permission: 'admin', handle: (context) => listNetworks(deps, context) },
    { method: 'get', path: `${at}/:plugin`, permission: 'admin', handle: (context) => showForm(deps, context) },
    {
      method: 'post',
      path: `${at}/:plugin`,
      permission: 'admin',
      confirms: (context) => deps.settings.replacesSecret(pluginOf(deps, context).plugin, draftOf(context)),
      handle: (context) => save(deps, context),
    },
    { method: 'post', path: `${at}/:plugin/test`, permission: 'admin', handle: (context) => test(deps, context) },
    {
      method: 'post',
      path: `${at}/:plugin/secret-removal`,
      permission: 'admin',
      confirms: (context) => deps.settings.hasSecret(pluginOf(deps, context).plugin, secretOf(context)),
      handle: (context) => removeSecret(deps, context),
    },
  ];
}

async function listNetworks(deps: SettingsRoutesDeps, context: PersonContext): Promise<void> {
  const networks = await Promise.all(
    deps.registry.all().map(async ({ plugin, settings }) => ({
      id: plugin.id,
      name: plugin.name,
      icon: plugin.icon,
      isEnabled: await settings.isEnabled(),
      isReady: (await settings.active()) !== undefined,
    })),
  );
  const title = context.t('settings:title');
  await context.page('settings/list', { title, frame: 'admin', current: 'api-integration', networks });
}

async function showForm(deps: SettingsRoutesDeps, context: PersonContext): Promise<void> {
  const active = pluginOf(deps, context);
  await draw(deps, context, { active, form: await deps.settings.form(active.plugin) });
}

async function save(deps: SettingsRoutesDeps, context: PersonContext): Promise<void> {
  const active = pluginOf(deps, context);
  const result = await deps.settings.save(active.plugin, draftOf(context), context.person.id);
  switch (result.kind) {
    case 'saved': {
      const { reconnecting, switched } = result;
      const text = context.t('settings:saved.plain');
      const also = reconnecting === 0 ? '' : ` ${context.t('settings:saved.reconnect', { count: reconnecting })}`;
      const mode = switched === null ? '' : ` ${context.t('settings:saved.switched', { to: switched.toLabel })}`;
      context.flash('ok', `${text}${mode}${also}`);
      context.redirect(pathOf(active));
      return;
    }
    case 'refused':
      return draw(deps, context, { active, form: result.form, status: 422 });
    case 'to-confirm':
      return draw(deps, context, { active, ...result, status: 409 });
  }
}

async function test(deps: SettingsRoutesDeps, context: PersonContext): Promise<void> {
  const active = pluginOf(deps, context);
  const { form, result } = await deps.settings.test(active.plugin, draftOf(context));
  await draw(deps, context, { active, form, result });
}

async function removeSecret(deps: SettingsRoutesDeps, context: PersonContext): Promise<void> {
  const active = pluginOf(deps, context);
  await deps.settings.removeSecret(active.plugin, secretOf(context), context.person.id);
  context.flash('ok', context.t('settings:saved.secretRemoved'));
  context.redirect(pathOf(active));
}

function secretOf(context: PersonContext): { setId: string; fieldId: string } {
  const [setId = '', fieldId = ''] = (context.body['secret'] ?? '').split('.');
  return { setId, fieldId };
}

function pluginOf(deps: SettingsRoutesDeps, context: PersonContext): ActivePlugin {
  return deps.registry.get(context.params['plugin'] ?? '');
}

function pathOf(active: ActivePlugin): string {
  return `/admin/api-integration/${active.plugin.id}`;
}

function draftOf(context: PersonContext): SettingsDraft {
  const names = Object.keys(context.body);
  return {
    mode: context.body['mode'] ?? '',
    isEnabled: context.body['enabled'] === '1',
    agreedToCutOff: context.all('agreed'),
    agreedToMode: context.all('agreedMode'),
    typed: new Map(names.filter((name) => name.includes('.')).map((name) => [name, context.all(name)])),
    sessionHash: context.sessionHash,
  };
}

interface Drawing {
  readonly active: ActivePlugin;
  readonly form: SettingsForm;
  readonly result?: ConnectionTestResult;
  readonly cutsOff?: readonly CutOffChannels[];
  readonly switching?: ModeSwitch | null;
  readonly status?: number;
}

async function draw(deps: SettingsRoutesDeps, context: PersonContext, drawing: Drawing): Promise<void> {
  const { plugin, parts } = drawing.active;
  await context.page(
    'settings/plugin',
    {
      title: plugin.name,
      frame: 'admin',
      current: `api-integration/${plugin.id}`,
      network: { id: plugin.id, name: plugin.name, icon: plugin.icon },
      formPath: pathOf(drawing.active),
      form: drawing.form,
      result: drawing.result ?? null,
      setupCheck: await deps.setupCheck(plugin.id, context.t),
      libraries: ['htmx/htmx.min.js'],
      cutsOff: drawing.cutsOff ?? [],
      switching: drawing.switching ?? null,
      switches: await deps.settings.switches(plugin),
      health: await deps.settings.health(plugin),
      connectionsPath: `${pathOf(drawing.active)}/connections`,
      lastSaved: (await deps.settings.lastSaved(plugin.id)) ?? null,
      verifiesSite: parts.siteVerification === undefined ? null : new URL(deps.config.publicUrl).host,
      webhookUrl: parts.webhooks === undefined ? null : `${deps.config.publicUrl}/webhooks/${plugin.id}`,
    },
    drawing.status,
  );
}
