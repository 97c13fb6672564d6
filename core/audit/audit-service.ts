import type { Translate } from '#plugin-api';
import { z } from 'zod';
import { actKinds, type ActGroup } from '../events/act-kinds.ts';
import type { EventLog } from '../events/event-log.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import type { ActRecord, ActScope, AuditStore } from './audit-store.ts';
import { factWords } from './fact-words.ts';

export type { ActScope } from './audit-store.ts';

/** What somebody did, in words. */
export interface Act {
  readonly id: number;
  /** UTC ms. */
  readonly at: number;
  /** Null: nobody, or somebody who is gone. */
  readonly who: string | null;
  readonly what: string;
  readonly kind: string;
  readonly team: string | null;
  /** Null: the installation by itself. */
  readonly address: string | null;
}

export interface ActQuestion {
  readonly personId?: number | undefined;
  readonly group?: ActGroup | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly before?: number | undefined;
}

interface ActPage {
  /** Newest first. */
  readonly acts: readonly Act[];
  /** For the page of older ones; undefined on the last. */
  readonly olderThan: number | undefined;
}

export interface AuditService {
  page(scope: ActScope, question: ActQuestion, t: Translate): Promise<ActPage>;
  /** The newest of all that match, and a record that they were handed out. */
  exported(
    scope: ActScope,
    question: ActQuestion,
    by: { readonly personId: number; readonly t: Translate },
  ): Promise<readonly Act[]>;
  people(scope: ActScope): Promise<readonly { readonly id: number; readonly name: string }[]>;
}

interface AuditParts {
  readonly store: AuditStore;
  readonly events: EventLog;
  readonly registry: Pick<PluginRegistry, 'find'>;
}

const pageSize = 50;
const mostExported = 10_000;
const allKinds = Object.values(actKinds).flat();

export function createAuditService(parts: AuditParts): AuditService {
  const { store, events } = parts;
  const read = async (scope: ActScope, { group, ...question }: ActQuestion, most: number) => {
    const kinds: readonly string[] = group === undefined ? allKinds : actKinds[group];
    return store.list(scope, { ...question, kinds, most }, actKinds.signIns);
  };
  return {
    page: async (scope, question, t) => {
      const records = await read(scope, question, pageSize + 1);
      const shown = records.slice(0, pageSize);
      const olderThan = records.length > pageSize ? shown.at(-1)?.id : undefined;
      return { acts: await inWords(parts, shown, t), olderThan };
    },
    exported: async (scope, question, { personId, t }) => {
      const records = await read(scope, question, mostExported);
      const teamId = scope === 'installation' ? null : scope.teamId;
      const subject =
        teamId === null
          ? ({ subject: 'user', subjectId: personId } as const)
          : ({ subject: 'team', subjectId: teamId } as const);
      await events.record({
        teamId,
        actorId: personId,
        ...subject,
        kind: 'activity.exported',
        facts: { count: records.length },
      });
      return inWords(parts, records, t);
    },
    people: (scope) => store.people(scope),
  };
}

const factsShape = z.record(z.string(), z.unknown()).catch({});
const idFact = z.int().positive();

interface Names {
  readonly users: ReadonlyMap<number, string>;
  readonly channels: ReadonlyMap<number, string>;
  readonly teams: ReadonlyMap<number, string>;
}

async function inWords(parts: AuditParts, records: readonly ActRecord[], t: Translate): Promise<readonly Act[]> {
  const names = await namesIn(parts, records);
  return records.map((record) => ({
    id: record.id,
    at: record.at,
    who: record.actorName,
    what: t(`activity:kind.${record.kind}`, valuesOf(parts, record, { names, t })),
    kind: record.kind,
    team: record.teamName ?? names.teams.get(record.teamId ?? 0) ?? null,
    address: record.address,
  }));
}

async function namesIn({ store }: AuditParts, records: readonly ActRecord[]): Promise<Names> {
  const idsOf = (subject: string): number[] =>
    records.flatMap((record) => (record.subject === subject ? plainId(record.subjectId) : []));
  const people = records.flatMap(({ facts }) => plainId(factsShape.parse(facts)['userId']));
  const gone = records.flatMap(({ teamId, teamName }) => (teamId === null || teamName !== null ? [] : [teamId]));
  const [users, channels, teams] = await Promise.all([
    store.userNames(unique([...idsOf('user'), ...people])),
    store.channelNames(unique(idsOf('channel'))),
    store.teamNames(unique([...idsOf('team'), ...gone])),
  ]);
  return { users, channels, teams };
}

interface Wording {
  readonly names: Names;
  readonly t: Translate;
}

/** The record's plain facts in words, and the names of what they are about. */
function valuesOf(parts: AuditParts, record: ActRecord, { names, t }: Wording): Record<string, string> {
  const stored = factsShape.parse(record.facts);
  const facts = { ...stored, ...factWords(parts.registry, { ...record, facts: stored }, t) };
  const plain = Object.entries(facts).flatMap(([name, value]): [string, string][] =>
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [[name, String(value)]] : [],
  );
  const role = (name: string): [string, string][] =>
    typeof facts[name] === 'string' ? [[name, t(`frame:role.${facts[name]}`)]] : [];
  const roles = record.kind.startsWith('member.') ? [...role('role'), ...role('from'), ...role('to')] : [];
  const [userId = 0] = plainId(facts['userId']);
  const person = names.users.get(userId) ?? t('activity:somebody');
  return { ...Object.fromEntries([...plain, ...roles]), subject: subjectName(parts, record, { names, t }), person };
}

function subjectName(parts: AuditParts, record: ActRecord, { names, t }: Wording): string {
  const { subject, subjectId } = record;
  const [id = 0] = plainId(subjectId);
  if (subject === 'user') return names.users.get(id) ?? t('activity:somebody');
  if (subject === 'plugin') return parts.registry.find(subjectId)?.plugin.name ?? subjectId;
  if (subject === 'team') return names.teams.get(id) ?? `#${subjectId}`;
  if (subject !== 'channel') return `#${subjectId}`;
  const { nickname } = factsShape.parse(record.facts);
  return typeof nickname === 'string' ? nickname : (names.channels.get(id) ?? `#${subjectId}`);
}

/** One id, or none. */
function plainId(value: unknown): readonly number[] {
  const id = idFact.safeParse(typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value);
  return id.success ? [id.data] : [];
}

function unique(ids: readonly number[]): readonly number[] {
  return [...new Set(ids)];
}
