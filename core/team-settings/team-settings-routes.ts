import type { Channel, ChannelService } from '../channels/channel-service.ts';
import { InputError } from '../errors.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import { faceOf } from '../posts/option-groups.ts';
import { readId } from '../posts/post-form.ts';
import { weekdays } from '../slots/slot.ts';
import type { SlotService } from '../slots/slot-service.ts';
import { zoneNames } from '../time/zones.ts';
import { problemsByField } from '../web/form-problems.ts';
import type { Route, TeamContext } from '../web/route.ts';
import { dayField, mostGraceHours, typedSlots } from './team-settings-form.ts';
import type { TeamSettingsService } from './team-settings-service.ts';

export interface TeamSettingsRouteParts {
  readonly teamSettings: TeamSettingsService;
  readonly slots: Pick<SlotService, 'ofChannels'>;
  readonly channels: Pick<ChannelService, 'list'>;
  readonly plugins: PluginRegistry;
}

/** Settings of one team: zone, grace, approval, and each channel's posting slots. */
export function teamSettingsRoutes(parts: TeamSettingsRouteParts): readonly Route[] {
  const path = '/team/:team/settings';
  const permission = 'team.settings';
  return [
    { method: 'get', path, permission, handle: (context) => show(parts, context, {}) },
    { method: 'post', path, permission, handle: (context) => save(parts, context) },
    { method: 'post', path: `${path}/slots/:channel`, permission, handle: (context) => saveSlots(parts, context) },
  ];
}

async function save(parts: TeamSettingsRouteParts, context: TeamContext): Promise<void> {
  const { body, person, team, t } = context;
  try {
    await parts.teamSettings.save(person, team.id, body);
    context.flash('ok', t('team-settings:saved'));
    context.redirect(`/team/${team.id}/settings`);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    await show(parts, context, { errors: problemsByField(error) });
  }
}

async function saveSlots(parts: TeamSettingsRouteParts, context: TeamContext): Promise<void> {
  const { person, team, params, t } = context;
  const id = readId(params['channel']) ?? 0;
  const body = context.body['act'] === 'copy' ? mondayOnWeekdays(context.body) : context.body;
  try {
    const channel = await parts.teamSettings.saveSlots(person, { teamId: team.id, id }, body);
    context.flash('ok', t('team-settings:slots.saved', { channel: channel.nickname }));
    context.redirect(`/team/${team.id}/settings?channel=${id}`);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    await show(parts, context, { slots: { channelId: id, typed: body, errors: problemsByField(error) } });
  }
}

type Words = Readonly<Record<string, string>>;

function mondayOnWeekdays(body: Words): Words {
  const monday = body[dayField(1)] ?? '';
  return { ...body, ...Object.fromEntries([2, 3, 4, 5].map((weekday) => [dayField(weekday), monday])) };
}

interface Refused {
  /** Of zone, grace and approval, which then stand as typed. */
  readonly errors?: Words;
  /** Of one channel's slots. */
  readonly slots?: { readonly channelId: number; readonly typed: Words; readonly errors: Words };
}

async function show(parts: TeamSettingsRouteParts, context: TeamContext, refused: Refused): Promise<void> {
  const { team, t, body } = context;
  const stored = await parts.teamSettings.find(team.id);
  const { errors } = refused;
  const values =
    errors === undefined
      ? { zone: stored.zone, grace: String(Math.ceil(stored.graceSeconds / 3_600)), approval: stored.needsApproval }
      : { zone: body['zone'] ?? '', grace: body['grace'] ?? '', approval: body['approval'] === '1' };
  const isRefused = errors !== undefined || refused.slots !== undefined;
  const model = {
    title: t('team-settings:title'),
    current: 'settings',
    pageStyles: ['team-settings'],
    values,
    errors: errors ?? {},
    mostGraceHours,
    zones: zonesWith(stored.zone),
    channels: await channelForms(parts, context, refused.slots),
    days: weekdays.map((weekday) => ({ field: dayField(weekday), name: t(`team-settings:day.${weekday}`) })),
  };
  await context.page('team/settings', model, isRefused ? 422 : 200);
}

/** The browser's list may lack a name that an operator gave on the command line. */
function zonesWith(zone: string): readonly string[] {
  const names = zoneNames();
  return names.includes(zone) ? names : [zone, ...names];
}

async function channelForms(parts: TeamSettingsRouteParts, context: TeamContext, refused: Refused['slots']) {
  const { team, query } = context;
  const channels = await parts.channels.list(team.id);
  const idOf = ({ id }: Channel) => id;
  const slots = await parts.slots.ofChannels(team.id, channels.map(idOf));
  return channels.map((channel) => {
    const own = refused?.channelId === channel.id ? refused : undefined;
    const weekly = slots.get(channel.id) ?? [];
    return {
      face: faceOf(parts.plugins, channel),
      count: weekly.length,
      values: own?.typed ?? typedSlots(weekly),
      errors: own?.errors ?? {},
      isOpen: own !== undefined || query['channel'] === String(channel.id) || channels.length === 1,
    };
  });
}
