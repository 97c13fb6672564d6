import type { Knex } from 'knex';
import { column } from '../core/db/columns.ts';

const ofAll = 'events_is_act_id_index';
const ofTeam = 'events_team_id_is_act_id_index';
const ofPerson = 'events_actor_id_is_act_id_index';

export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('events', (table) => {
    // Where whoever did it asked from, as trusted proxies tell; none for what a worker did by itself.
    column.ascii(table, 'address', 45).nullable();
    // What people did, beside the many steps of deliveries: the audit and a team's activity list only these.
    table.boolean('is_act').notNullable().defaultTo(false);
    table.index(['is_act', 'id'], ofAll);
    table.index(['team_id', 'is_act', 'id'], ofTeam);
    table.index(['actor_id', 'is_act', 'id'], ofPerson);
  });
  await knex('events').whereIn('kind', kindsUntilNow).update({ is_act: true });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('events', (table) => {
    for (const index of [ofAll, ofTeam, ofPerson]) table.dropIndex([], index);
  });
  await knex.schema.alterTable('events', (table) => {
    table.dropColumns('address', 'is_act');
  });
}

const kindsUntilNow = [
  ...['settings.saved', 'settings.secret-removed', 'settings.confirmed', 'settings.confirmation-removed'],
  ...['settings.confirmation-withdrawn', 'settings.app-noted', 'team.settings-changed', 'channel.slots-changed'],
  ...['channel.connected', 'channel.reconnected', 'channel.paused', 'channel.resumed', 'channel.disconnected'],
  ...['channel.reconnect-needed', 'member.invited', 'member.joined', 'member.added', 'member.role-changed'],
  ...['member.removed', 'team.added', 'user.added', 'user.disabled', 'user.enabled', 'user.link-made'],
  ...['user.password-changed', 'post.approved', 'post.sent-back', 'post.deleted', 'job.retried', 'job.discarded'],
];
