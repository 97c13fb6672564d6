import type { Translate } from '#plugin-api';
import { NotFoundError } from '../errors.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import type { PersonContext, Route } from '../web/route.ts';
import { setupCheckOf, type SetupCheck } from './doctor-model.ts';
import type { DoctorService } from './doctor-service.ts';

interface DoctorParts {
  readonly doctor: DoctorService;
  readonly registry: PluginRegistry;
  readonly settings: { lastSaved(pluginId: string): Promise<{ readonly at: number } | undefined> };
  readonly isPage: (href: string) => boolean;
}

const integration = '/admin/api-integration';

/** Checking anew: one check, or all that a network's page shows. */
export function doctorRoutes(parts: DoctorParts): readonly Route[] {
  return [
    {
      method: 'post',
      path: `${integration}/:plugin/check`,
      permission: 'admin',
      handle: (context) => checkAgain(parts, context),
    },
  ];
}

/** What the page of a network shows of the last look: nothing is asked of anybody. */
export async function readSetupCheck(parts: DoctorParts, pluginId: string, t: Translate): Promise<SetupCheck> {
  const { plugin } = parts.registry.get(pluginId);
  const checks = parts.doctor.checks(pluginId);
  return setupCheckOf({
    ...{ t, checks, network: plugin.name, isPage: parts.isPage },
    action: `${integration}/${pluginId}/check`,
    kept: await parts.doctor.last(checks),
    savedAt: (await parts.settings.lastSaved(pluginId))?.at,
  });
}

async function checkAgain(parts: DoctorParts, context: PersonContext): Promise<void> {
  const { t, person, body, req } = context;
  const { plugin } = parts.registry.get(context.params['plugin'] ?? '');
  const only = body['check'] ?? '';
  const checks = parts.doctor.checks(plugin.id).filter(({ name }) => only === '' || name === only);
  if (checks.length === 0) throw new NotFoundError('There is no such check.');
  await parts.doctor.run(checks, person.id);
  if (req.get('hx-request') !== 'true') {
    context.flash('ok', t('doctor:done'));
    context.redirect(`${integration}/${plugin.id}`);
    return;
  }
  const setupCheck = await readSetupCheck(parts, plugin.id, t);
  await context.page('doctor/section', { title: t('doctor:title'), setupCheck, isFresh: true });
}
