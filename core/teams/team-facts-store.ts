import { z } from 'zod';
import { askingStates } from '../attention/attention.ts';
import type { Sql } from '../db/database.ts';
import { placeholders, readRows } from '../db/read-rows.ts';
import { mostUnread } from '../notifications/notification.ts';
import type { StoredKey } from '../settings/app-keys.ts';

export interface FactsQuestion {
  readonly teamId: number;
  /** Access that can be renewed no longer than until then ends soon. UTC ms. */
  readonly endingBefore: number;
  /** Which field of each network's settings holds App IDs. */
  readonly keyFields: readonly { readonly plugin: string; readonly field: string }[];
  /** Whether posts that wait for approval are counted. */
  readonly asksForWaiting: boolean;
  /** Whose unread notifications are counted; null: nobody's. */
  readonly readerId: number | null;
}

/** Connected channels that one app of a network lets in. */
interface ChannelCount {
  readonly plugin: string;
  readonly appKey: string;
  readonly count: number;
  /** Of these, for how many somebody must log in again, now or soon. */
  readonly needing: number;
}

interface StoredFacts {
  readonly channels: readonly ChannelCount[];
  readonly keys: readonly (StoredKey & { readonly plugin: string })[];
  /** Deliveries that ask for somebody; posts that wait for approval; what was told and not read, up to `mostUnread`. */
  readonly counts: ReadonlyMap<'asking' | 'waiting' | 'unread', number>;
}

const channelsPart = `select 'channels' as what, c.plugin as plugin, k.app_key as app_key, null as set_id, null as value,
    count(*) as n,
    sum(case when k.state = 'reconnect-needed' or k.refresh_expires_at <= ? then 1 else 0 end) as needing
  from channels as c join credentials as k on k.id = c.credential_id
  where c.team_id = ? and c.disconnected_at is null group by c.plugin, k.app_key`;
const keyPart = `select 'key', plugin, null, set_id, value, 0, 0
  from plugin_settings where plugin = ? and field = ?`;
const askingPart = `select 'asking', null, null, null, null, count(*), 0
  from deliveries where team_id = ? and state in (${placeholders(askingStates)}) and due_at is not null`;
const waitingPart = `select 'waiting', null, null, null, null, count(distinct post_id), 0
  from deliveries where team_id = ? and needs_approval = 1 and state = 'scheduled'`;
const unreadPart = `select 'unread', null, null, null, null, count(*), 0 from (select 1 as n
  from notification_recipients where user_id = ? and team_id = ? and read_at is null limit ${mostUnread}) as told`;

const counted = ['asking', 'waiting', 'unread'] as const;
// Sums come as decimal text from MySQL.
const factRows = z.compile(
  z.array(
    z.object({
      ...{
        what: z.enum(['channels', 'key', ...counted]),
        plugin: z.string().nullable(),
        app_key: z.string().nullable(),
      },
      ...{ set_id: z.string().nullable(), value: z.string().nullable() },
      ...{ n: z.coerce.number(), needing: z.coerce.number() },
    }),
  ),
);

/** Every page of a team asks for it, so it is one statement. */
export async function selectTeamFacts(sql: Sql, question: FactsQuestion): Promise<StoredFacts> {
  const { text, values } = statementOf(question);
  const rows = factRows.parse(await readRows(sql, text, values));
  const channels: ChannelCount[] = [];
  const keys: StoredFacts['keys'][number][] = [];
  const counts = new Map<(typeof counted)[number], number>();
  for (const { what, plugin, app_key: appKey, set_id: setId, value, n, needing } of rows) {
    if (what !== 'channels' && what !== 'key') counts.set(what, n);
    else if (plugin !== null && appKey !== null) channels.push({ plugin, appKey, count: n, needing });
    else if (plugin !== null && setId !== null && value !== null) keys.push({ plugin, setId, value });
  }
  return { channels, keys, counts };
}

function statementOf({ teamId, endingBefore, keyFields, asksForWaiting, readerId }: FactsQuestion) {
  const parts: readonly (readonly [part: string, ...values: (string | number)[]])[] = [
    [channelsPart, endingBefore, teamId],
    ...keyFields.map(({ plugin, field }) => [keyPart, plugin, field] as const),
    [askingPart, teamId, ...askingStates],
    ...(asksForWaiting ? [[waitingPart, teamId] as const] : []),
    ...(readerId === null ? [] : [[unreadPart, readerId, teamId] as const]),
  ];
  return {
    text: parts.map(([part]) => part).join('\nunion all\n'),
    values: parts.flatMap(([, ...values]) => values),
  };
}
