import type { ChannelPlugin, Clock, GoingLiveFacts, GoingLivePart, IconFacts, ReviewedSet } from '#plugin-api';
import { isLoopbackHost } from '../config/public-url.ts';
import type { Database } from '../db/database.ts';
import { NotFoundError } from '../errors.ts';
import type { EventLog } from '../events/event-log.ts';
import type { ActivePlugin, PluginRegistry } from '../plugin-host/plugin-registry.ts';
import type { SettingsOwner, SetValues } from '../settings/settings-values.ts';
import type { GoingLiveStore, Said } from './going-live-store.ts';
import { readIcon, type IconFault } from './read-icon.ts';
import { type TickedStep, tickSteps } from './ticks.ts';

/** What the installation's own pages come to, for whoever reviews them. */
export interface SiteStanding {
  homeWords(): GoingLiveFacts['homeWords'];
  name(): Promise<string>;
  pages(): Promise<GoingLiveFacts['pages']>;
  proofs(): Promise<GoingLiveFacts['proofs']>;
}

interface GoingLiveDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly store: GoingLiveStore;
  readonly events: EventLog;
  readonly registry: Pick<PluginRegistry, 'all' | 'find'>;
  /** Every set of a network as it holds now, complete or not. */
  readonly sets: (owner: SettingsOwner) => Promise<readonly SetValues[]>;
  readonly site: SiteStanding;
  readonly config: { readonly publicUrl: string };
}

/** Where one network's app stands on its way. */
export interface GoingLive {
  readonly plugin: Pick<ChannelPlugin, 'id' | 'name' | 'icon'>;
  readonly part: GoingLivePart;
  readonly facts: GoingLiveFacts;
  readonly steps: readonly TickedStep[];
  /** Who checked the icon, and when. */
  readonly icon: (IconFacts & Said) | undefined;
}

interface SteppedBy {
  readonly pluginId: string;
  readonly step: string;
  readonly by: number;
}

export interface GoingLiveService {
  /** The networks that say how they are gone live with. */
  networks(): readonly Pick<ChannelPlugin, 'id' | 'name' | 'icon'>[];
  /** @throws NotFoundError for a network without such a way */
  of(pluginId: string): Promise<GoingLive>;
  /** An admin says that a step was done. @throws NotFoundError for one that is not said */
  mark(step: SteppedBy): Promise<void>;
  /** And takes it back. @throws NotFoundError */
  unmark(step: SteppedBy): Promise<void>;
  /** Keeps what was found where the picture fits. @throws NotFoundError for a network that asks for no icon */
  checkIcon(pluginId: string, file: IconFile): Promise<IconFacts | IconFault>;
}

interface IconFile {
  readonly path: string;
  readonly fileName: string;
  readonly bytes: number;
  readonly by: number;
}

export function createGoingLiveService(deps: GoingLiveDeps): GoingLiveService {
  return {
    networks: () => deps.registry.all().flatMap(({ plugin, parts }) => (parts.goingLive === undefined ? [] : [plugin])),
    of: (pluginId) => read(deps, pluginId),
    mark: (step) => say(deps, step, true),
    unmark: (step) => say(deps, step, false),
    checkIcon: (pluginId, file) => checkIcon(deps, pluginId, file),
  };
}

function find({ registry }: GoingLiveDeps, pluginId: string): ActivePlugin & { readonly part: GoingLivePart } {
  const active = registry.find(pluginId);
  const part = active?.parts.goingLive;
  if (active === undefined || part === undefined) throw new NotFoundError('There is nothing to go live with here.');
  return { ...active, part };
}

async function read(deps: GoingLiveDeps, pluginId: string): Promise<GoingLive> {
  const { plugin, part } = find(deps, pluginId);
  const icon = await deps.store.icon(pluginId);
  const facts = await readFacts(deps, { plugin, part, icon });
  const steps = tickSteps(part.steps, facts, await deps.store.marks(pluginId));
  return { plugin, part, facts, icon, steps };
}

interface FactsOf {
  readonly plugin: ChannelPlugin;
  readonly part: GoingLivePart;
  readonly icon: IconFacts | undefined;
}

async function readFacts(deps: GoingLiveDeps, { plugin, part, icon }: FactsOf): Promise<GoingLiveFacts> {
  const { site, config } = deps;
  const url = new URL(config.publicUrl);
  const sets = await deps.sets(plugin);
  const setOf = (id: string) => reviewedSet(deps, { pluginId: plugin.id, sets, id });
  return {
    siteName: await site.name(),
    publicUrl: config.publicUrl,
    isPublic: url.protocol === 'https:' && !isLoopbackHost(url.hostname),
    icon,
    homeWords: site.homeWords(),
    pages: await site.pages(),
    proofs: await site.proofs(),
    reviewed: await setOf(part.sets.reviewed),
    trial: await setOf(part.sets.trial),
  };
}

async function reviewedSet(
  { store }: GoingLiveDeps,
  { pluginId, sets, id }: { pluginId: string; sets: readonly SetValues[]; id: string },
): Promise<ReviewedSet> {
  const set = sets.find((one) => one.id === id);
  if (set === undefined) throw new Error(`The settings shape has no set "${id}".`);
  const { isComplete, callbackUrl, appKey, notes } = set;
  const trace = appKey === '' ? nothing : await store.traceOf(pluginId, appKey);
  const { state: appState, isAudited, testers } = notes;
  return { isComplete, callbackUrl, choices: (field) => set.choices(field), appState, isAudited, testers, ...trace };
}

const nothing = { connected: 0, granted: [], hasPublished: false } as const;

async function say(deps: GoingLiveDeps, { pluginId, step, by }: SteppedBy, isDone: boolean): Promise<void> {
  const { part } = find(deps, pluginId);
  const isSaid = part.steps.some(({ id, byHand }) => id === step && byHand !== undefined);
  if (!isSaid) throw new NotFoundError('There is no such step to tick.');
  await deps.db.transaction(async (sql) => {
    const key = { pluginId, step };
    const isNew = isDone
      ? await deps.store.mark(sql, key, { at: deps.clock.now(), by })
      : await deps.store.unmark(sql, key);
    if (!isNew) return;
    const kind = isDone ? 'going-live.step-done' : 'going-live.step-taken-back';
    await deps.events.record(eventOf({ pluginId, by, kind, facts: { step } }), sql);
  });
}

async function checkIcon(deps: GoingLiveDeps, pluginId: string, file: IconFile): Promise<IconFacts | IconFault> {
  const { part } = find(deps, pluginId);
  if (part.icon === undefined) throw new NotFoundError('This network asks for no icon.');
  const found = await readIcon(file, part.icon);
  if ('fault' in found) return found;
  const { by } = file;
  await deps.db.transaction(async (sql) => {
    await deps.store.putIcon(sql, pluginId, { ...found, at: deps.clock.now(), by });
    const facts = { file: found.fileName };
    await deps.events.record(eventOf({ pluginId, by, kind: 'going-live.icon-checked', facts }), sql);
  });
  return found;
}

function eventOf(one: { pluginId: string; by: number; kind: string; facts: Readonly<Record<string, string>> }) {
  const { pluginId, by, kind, facts } = one;
  return { teamId: null, actorId: by, subject: 'plugin', subjectId: pluginId, kind, facts } as const;
}
