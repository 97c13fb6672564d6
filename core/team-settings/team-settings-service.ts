import type { Json, Translate } from '#plugin-api';
import type { Channel } from '../channels/channel.ts';
import type { Database, Sql } from '../db/database.ts';
import type { Actor } from '../deliveries/delivery.ts';
import { NotFoundError } from '../errors.ts';
import type { EventLog } from '../events/event-log.ts';
import type { Slot } from '../slots/slot.ts';
import { replaceSlots, selectChannelSlots } from '../slots/slot-store.ts';
import { readSlots, readTeamSettings } from './team-settings-form.ts';
import { selectTeamSettings, type TeamSettings, updateTeamSettings } from './team-settings-store.ts';

type Typed = Readonly<Record<string, string | undefined>>;

/** How a team works, changed by its managers; who changed what is in the team's events. */
export interface TeamSettingsService {
  /** @throws NotFoundError */
  find(teamId: number): Promise<TeamSettings>;
  /** Posts that are scheduled keep their instant. @throws InputError at zone or grace */
  save(actor: Actor, teamId: number, typed: Typed): Promise<TeamSettings>;
  /** Replaces the weekly slots of a connected channel. @throws InputError at day1 to day7, NotFoundError */
  saveSlots(actor: Actor, channel: { readonly teamId: number; readonly id: number }, typed: Typed): Promise<Channel>;
}

export interface TeamSettingsParts {
  readonly db: Database;
  readonly events: EventLog;
  readonly channels: { find(teamId: number, channelId: number): Promise<Channel> };
  readonly t: Translate;
}

export function createTeamSettings(parts: TeamSettingsParts): TeamSettingsService {
  const { db, t } = parts;
  return {
    find: (teamId) => needSettings(db.knex, teamId),
    save: (actor, teamId, typed) => saveSettings(parts, { actor, teamId, settings: readTeamSettings(typed, t) }),
    async saveSlots(actor, { teamId, id }, typed) {
      const channel = await parts.channels.find(teamId, id);
      await saveSlots(parts, { actor, channel, slots: readSlots(typed, t) });
      return channel;
    },
  };
}

async function needSettings(sql: Sql, teamId: number, lock: { readonly forUpdate?: true } = {}): Promise<TeamSettings> {
  const settings = await selectTeamSettings(sql, { teamId, ...lock });
  if (settings === undefined) throw new NotFoundError('There is no such team.');
  return settings;
}

async function saveSettings(
  { db, events }: TeamSettingsParts,
  { actor, teamId, settings }: { readonly actor: Actor; readonly teamId: number; readonly settings: TeamSettings },
): Promise<TeamSettings> {
  await db.transaction(async (sql) => {
    const before = await needSettings(sql, teamId, { forUpdate: true });
    const facts = changesOf(before, settings);
    if (Object.keys(facts).length === 0) return;
    await updateTeamSettings(sql, teamId, settings);
    const subject = { teamId, actorId: actor.id, subject: 'team', subjectId: teamId } as const;
    await events.record({ ...subject, kind: 'team.settings-changed', facts }, sql);
  });
  return settings;
}

/** What it was and what it is, of each setting that changed. */
function changesOf(before: TeamSettings, after: TeamSettings): Record<string, Json> {
  const changes: Record<string, Json> = {};
  if (before.zone !== after.zone) changes['zone'] = { from: before.zone, to: after.zone };
  if (before.graceSeconds !== after.graceSeconds) {
    changes['graceSeconds'] = { from: before.graceSeconds, to: after.graceSeconds };
  }
  if (before.needsApproval !== after.needsApproval) {
    changes['needsApproval'] = { from: before.needsApproval, to: after.needsApproval };
  }
  return changes;
}

async function saveSlots(
  { db, events }: TeamSettingsParts,
  { actor, channel, slots }: { readonly actor: Actor; readonly channel: Channel; readonly slots: readonly Slot[] },
): Promise<void> {
  const { id, teamId } = channel;
  await db.transaction(async (sql) => {
    const [before] = await selectChannelSlots(sql, teamId, [id]);
    const facts = { from: wordsOf(before?.slots ?? []), to: wordsOf(slots) };
    if (facts.from === facts.to) return;
    await replaceSlots(sql, id, slots);
    const subject = { teamId, actorId: actor.id, subject: 'channel', subjectId: id } as const;
    await events.record({ ...subject, kind: 'channel.slots-changed', facts }, sql);
  });
}

/** E.g. `1 07:30, 1 18:00`: weekday and time. */
function wordsOf(slots: readonly Slot[]): string {
  return slots.map(({ weekday, time }) => `${weekday} ${time}`).join(', ');
}
