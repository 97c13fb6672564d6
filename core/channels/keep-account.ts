import type { ChannelView, Clock, ConnectedAccount, CredentialSet } from '#plugin-api';
import type { CredentialService } from '../credentials/credential-service.ts';
import type { Database, Sql } from '../db/database.ts';
import type { DeliveryDesk } from '../deliveries/delivery-desk.ts';
import type { EventLog } from '../events/event-log.ts';
import type { Avatars } from './avatars.ts';
import { type Channel, viewOf } from './channel.ts';
import type { ChannelStore } from './channel-store.ts';

/** An account that a person has just authorized, and where it should go. */
interface AuthorizedAccount {
  readonly place: { readonly plugin: string; readonly teamId: number; readonly channelId: number | null };
  readonly userId: number;
  readonly set: CredentialSet;
  readonly account: ConnectedAccount;
}

export type KeptAccount =
  | { readonly kind: 'kept'; readonly channel: Channel; readonly view: ChannelView }
  /** Nothing was stored. */
  | {
      readonly kind: 'refused';
      readonly code: 'other_account' | 'already_connected' | 'channel_gone';
      readonly names: Readonly<Record<string, string>>;
    };

export interface AccountKeeper {
  keep(authorized: AuthorizedAccount): Promise<KeptAccount>;
}

export interface KeeperDeps {
  readonly db: Database;
  readonly store: ChannelStore;
  readonly avatars: Avatars;
  readonly credentials: Pick<CredentialService, 'save'>;
  readonly desk: Pick<DeliveryDesk, 'wakeChannel'>;
  readonly events: EventLog;
  readonly clock: Clock;
}

export function createAccountKeeper(deps: KeeperDeps): AccountKeeper {
  return { keep: (authorized) => keep(deps, authorized) };
}

async function keep(deps: KeeperDeps, authorized: AuthorizedAccount): Promise<KeptAccount> {
  const target = await findTarget(deps, authorized);
  if (target.kind === 'refused') return target;
  const { avatar: picture } = authorized.account;
  const avatar = picture === undefined ? undefined : ((await deps.avatars.keep(picture)) ?? undefined);
  const id = await storeAll(deps, authorized, { known: target.known, avatar });
  const replaced = target.known?.avatar ?? null;
  if (avatar !== undefined && replaced !== null) await deps.avatars.remove(replaced);
  const channel = await deps.store.findAcrossTeams(id);
  if (channel === undefined) throw new Error(`The channel ${id} was stored and is not there.`);
  return { kind: 'kept', channel, view: viewOf(channel) };
}

type Target =
  /** `known`: the team's channel of this account, perhaps a disconnected one; undefined = a new one. */
  { readonly kind: 'found'; readonly known: Channel | undefined } | Extract<KeptAccount, { kind: 'refused' }>;

async function findTarget(deps: KeeperDeps, authorized: AuthorizedAccount): Promise<Target> {
  const { place, account } = authorized;
  const ofTeam = (await deps.store.list(place.teamId)).filter((channel) => channel.plugin === place.plugin);
  const same = ofTeam.filter((channel) => isSameAccount(channel, authorized));
  if (place.channelId === null) return { kind: 'found', known: same[0] ?? (await findFormer(deps, authorized)) };
  const asked = ofTeam.find((channel) => channel.id === place.channelId);
  const names = { nickname: asked?.nickname ?? '', account: account.username ?? account.nickname };
  if (asked === undefined) return { kind: 'refused', code: 'channel_gone', names };
  if (!same.includes(asked)) return { kind: 'refused', code: 'other_account', names };
  const isTaken = ofTeam.some((channel) => channel !== asked && channel.accountId === account.accountId);
  return isTaken ? { kind: 'refused', code: 'already_connected', names } : { kind: 'found', known: asked };
}

/** The account's channel as it was before somebody disconnected it: its posts and numbers go on where they ended. */
async function findFormer(deps: KeeperDeps, authorized: AuthorizedAccount): Promise<Channel | undefined> {
  const { plugin, teamId } = authorized.place;
  const former = await deps.store.listDisconnected(teamId);
  return former.find((channel) => channel.plugin === plugin && isSameAccount(channel, authorized));
}

/**
 * Within one app the account's id decides. From another app (sandbox and live have ids of their own) the developer's id
 * does, and where one of the two is not known the username, or an id that both apps give.
 */
function isSameAccount(channel: Channel, { account, set }: AuthorizedAccount): boolean {
  if (channel.appKey === set.appKey) return channel.accountId === account.accountId;
  if (channel.unionId !== null && account.unionId !== undefined) return channel.unionId === account.unionId;
  const isNamesake = channel.username !== null && channel.username === account.username;
  return isNamesake || channel.accountId === account.accountId;
}

/** Credential, channel and event: all or nothing. @returns the channel's id */
async function storeAll(
  deps: KeeperDeps,
  authorized: AuthorizedAccount,
  found: { known: Channel | undefined; avatar: string | undefined },
): Promise<number> {
  try {
    return await deps.db.transaction((sql) => storeIn(deps, authorized, { ...found, sql }));
  } catch (error) {
    if (found.avatar !== undefined) await deps.avatars.remove(found.avatar);
    throw error;
  }
}

async function storeIn(
  deps: KeeperDeps,
  { place, userId, set, account }: AuthorizedAccount,
  { known, avatar, sql }: { known: Channel | undefined; avatar: string | undefined; sql: Sql },
): Promise<number> {
  const { plugin, teamId } = place;
  const credentialId = await deps.credentials.save({ plugin, appKey: set.appKey, mode: set.id, account }, sql);
  const { accountId, nickname, username = null, tokens } = account;
  const connectedAt = deps.clock.now();
  const facts = { credentialId, accountId, nickname, username, avatar, connectedBy: userId, connectedAt };
  const isRenewed = known !== undefined && (await deps.store.renew(known.id, facts, sql));
  const isBack = !isRenewed && known !== undefined && (await deps.store.reopen(known.id, facts, sql));
  const id = isRenewed || isBack ? known.id : await deps.store.put({ ...facts, teamId, plugin }, sql);
  // Its posts may have waited with another access (another app): saving this one has not woken them.
  await deps.desk.wakeChannel(id, sql);
  await deps.events.record(
    {
      teamId,
      actorId: userId,
      subject: 'channel',
      subjectId: id,
      kind: isRenewed ? 'channel.reconnected' : 'channel.connected',
      facts: { plugin, nickname, username, mode: set.id, scopes: tokens.scopes },
    },
    sql,
  );
  return id;
}
