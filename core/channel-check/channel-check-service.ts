import {
  type AccessFacts,
  type CheckedChannel,
  type Clock,
  type Explanation,
  type Log,
  RemoteError,
  type Translate,
} from '#plugin-api';
import { type Channel, viewOf } from '../channels/channel.ts';
import type { CredentialService } from '../credentials/credential-service.ts';
import { askForPage } from '../limits/page-patience.ts';
import type { EventLog } from '../events/event-log.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import { accessRows, type TimedRow } from './access-rows.ts';

export interface CheckReport {
  /** UTC milliseconds. */
  readonly at: number;
  readonly network: string;
  readonly conclusion: CheckedChannel['conclusion'];
  /** Null where the network tells nothing of it. */
  readonly app: string | null;
  readonly access: readonly TimedRow[];
  readonly permissions: CheckedChannel['permissions'];
  readonly calls: CheckedChannel['calls'];
}

export interface ChannelCheckService {
  /** Looks, and asks the network where its plugin can. Never throws for what the network answers. */
  look(channel: Channel): Promise<CheckReport>;
  /**
   * Renews the access now: the network gives another refresh token and the old one is spent, so only a person's press
   * leads here. @param actorId null for the command line @returns why it was not renewed; undefined = it was
   */
  renew(channel: Channel, actorId: number | null): Promise<Explanation | undefined>;
}

interface CheckDeps {
  readonly registry: PluginRegistry;
  readonly credentials: Pick<CredentialService, 'find' | 'renew'>;
  readonly events: EventLog;
  readonly clock: Clock;
  readonly log: Log;
  readonly t: Translate;
}

export function createChannelCheck(deps: CheckDeps): ChannelCheckService {
  return {
    look: (channel) => look(deps, channel),
    renew: (channel, actorId) => renew(deps, channel, actorId),
  };
}

async function look(deps: CheckDeps, channel: Channel): Promise<CheckReport> {
  const { credentials, clock, registry, t } = deps;
  const { plugin, parts } = registry.get(channel.plugin);
  const isLost = channel.state === 'reconnect-needed';
  const before = { ...(await credentials.find(channel.credentialId)), isLost };
  const checked = parts.channelCheck === undefined ? undefined : await ask(deps, channel, before);
  // The calls may have renewed the access, or found that it is gone.
  const after = await credentials.find(channel.credentialId);
  const now = clock.now();
  const access = accessRows({ ...after, isLost: isLost || after.state === 'reconnect-needed', now }, t);
  return {
    at: now,
    network: plugin.name,
    conclusion: checked?.conclusion ?? concludeFromAccess(access, t),
    app: checked?.app ?? null,
    access,
    permissions: checked?.permissions ?? [],
    calls: checked?.calls ?? [],
  };
}

/** A person waits: what takes longer than a page may is told as what it is. */
async function ask(
  { registry, t }: CheckDeps,
  channel: Channel,
  facts: AccessFacts,
): Promise<Omit<CheckedChannel, 'app'> & { readonly app: string | null }> {
  const { channelCheck } = registry.get(channel.plugin).parts;
  if (channelCheck === undefined) throw new Error(`The network ${channel.plugin} has no check.`);
  const { isLost, accessExpiresAt, refreshExpiresAt, refreshedAt } = facts;
  try {
    return await askForPage(t, () =>
      channelCheck.run(viewOf(channel), { isLost, accessExpiresAt, refreshExpiresAt, refreshedAt }),
    );
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    return { conclusion: { ...error.explanation, state: 'warning' }, app: null, permissions: [], calls: [] };
  }
}

/** Of a network that brings no check of its own. */
function concludeFromAccess(rows: readonly TimedRow[], t: Translate): CheckedChannel['conclusion'] {
  const state = ['failed', 'warning'].find((one) => rows.some((row) => row.state === one));
  const word = state === 'failed' ? 'lost' : state === 'warning' ? 'ending' : 'present';
  return {
    state: state === 'failed' || state === 'warning' ? state : 'ok',
    who: state === undefined ? 'you' : 'team',
    sentence: t(`channel-check:own.${word}.sentence`),
    nextStep: t(`channel-check:own.${word}.next`),
    code: 'ok',
  };
}

async function renew(
  { credentials, events, log, t }: CheckDeps,
  channel: Channel,
  actorId: number | null,
): Promise<Explanation | undefined> {
  try {
    await askForPage(t, () => credentials.renew(channel.credentialId));
    const { id, teamId, plugin, nickname, username } = channel;
    const about = { teamId, actorId, subject: 'channel', subjectId: id } as const;
    await events.record({ ...about, kind: 'channel.access-renewed', facts: { plugin, nickname, username } });
    return undefined;
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    log.warn({ err: error, channel: channel.id }, 'an access could not be renewed when a person asked for it');
    return error.explanation;
  }
}
