import { z } from 'zod';
import type { Finding, WebhookTrace } from '#plugin-api';
import type { Database, Sql } from '../db/database.ts';
import { firstRow, rowCount, rowJson, rowTime } from '../db/rows.ts';

/** What a check found last. */
export interface KeptFinding {
  readonly name: string;
  readonly finding: Finding;
  /** UTC milliseconds. */
  readonly checkedAt: number;
  /** Null: from the command line, or somebody who is gone. */
  readonly checkedBy: string | null;
}

const finding = z.object({
  tone: z.enum(['ok', 'warn', 'bad']),
  kind: z.string(),
  sentence: z.string(),
  meaning: z.string().exactOptional(),
  who: z.enum(['you', 'team', 'admin', 'network', 'software']).exactOptional(),
  steps: z.array(z.string()),
  links: z.array(z.object({ label: z.string(), href: z.string() })),
  at: z.number().exactOptional(),
  code: z.string().exactOptional(),
  place: z.string().exactOptional(),
  logId: z.string().exactOptional(),
}) satisfies z.ZodType<Finding>;

const keptRow = z
  .object({ name: z.string(), finding: rowJson(finding), checked_at: rowTime, person: z.string().nullable() })
  .transform((row): KeptFinding => ({
    name: row.name,
    finding: row.finding,
    checkedAt: row.checked_at,
    checkedBy: row.person,
  }));

export async function selectFindings(sql: Sql, names: readonly string[]): Promise<readonly KeptFinding[]> {
  const rows: unknown = await sql('doctor_findings as f')
    .leftJoin('users as u', 'u.id', 'f.checked_by')
    .whereIn('f.name', [...names])
    .select('f.name', 'f.finding', 'f.checked_at', 'u.name as person');
  return z.array(keptRow).parse(rows);
}

interface FindingToKeep {
  readonly name: string;
  readonly finding: Finding;
  readonly at: number;
  readonly by: number | null;
}

export async function putFindings(sql: Sql, findings: readonly FindingToKeep[]): Promise<void> {
  if (findings.length === 0) return;
  const rows = findings.map(({ name, finding: found, at, by }) => {
    return { name, tone: found.tone, finding: JSON.stringify(found), checked_at: at, checked_by: by };
  });
  await sql('doctor_findings').insert(rows).onConflict('name').merge();
}

/** How many of these checks found something that does not work. */
export async function countBad(sql: Sql, names: readonly string[]): Promise<number> {
  const rows: unknown[] = await sql('doctor_findings')
    .where({ tone: 'bad' })
    .whereIn('name', [...names])
    .count({ count: 'name' });
  return firstRow(z.object({ count: rowCount }), rows)?.count ?? 0;
}

/** E.g. `SQLite 3.53.0`, `MariaDB 10.11.9`. */
export async function databaseVersion({ knex, kind }: Pick<Database, 'knex' | 'kind'>): Promise<string> {
  const asked = kind === 'sqlite' ? 'sqlite_version()' : 'version()';
  const rows: unknown = await knex.select(knex.raw(`${asked} as version`));
  const [{ version }] = z.tuple([z.object({ version: z.string() })]).parse(rows);
  if (kind === 'sqlite') return `SQLite ${version}`;
  return version.includes('MariaDB') ? `MariaDB ${version.split('-')[0] ?? ''}` : `MySQL ${version}`;
}

interface TokenHealth {
  /** Accesses that connected channels use. */
  readonly count: number;
  /** Of these: valid, and not refreshed in time. */
  readonly overdue: number;
  /** Of these: somebody has to connect again. */
  readonly lost: number;
  /** Of these: valid, and their last refresh failed; with the code of one of them. */
  readonly failing: number;
  readonly failingCode: string | undefined;
  /** When the last of them was refreshed: UTC milliseconds. */
  readonly refreshedAt: number | undefined;
}

export async function selectTokenHealth(
  sql: Sql,
  { plugin, endedBefore }: { readonly plugin: string; readonly endedBefore: number },
): Promise<TokenHealth> {
  const rows: unknown[] = await sql('credentials as k')
    .where('k.plugin', plugin)
    .whereExists(
      sql('channels as c').select(sql.raw('1')).whereRaw('c.credential_id = k.id').whereNull('c.disconnected_at'),
    )
    .select(
      sql.raw('count(*) as n'),
      sql.raw(
        "coalesce(sum(case when k.state = 'valid' and k.access_expires_at < ? then 1 else 0 end), 0) as overdue",
        [endedBefore],
      ),
      sql.raw("coalesce(sum(case when k.state = 'valid' then 0 else 1 end), 0) as lost"),
      sql.raw(`coalesce(sum(case when ${failing} then 1 else 0 end), 0) as failing`),
      sql.raw(`max(case when ${failing} then k.refresh_failed_code end) as failing_code`),
      sql.raw('max(k.refreshed_at) as refreshed_at'),
    );
  const found = firstRow(tokenRow, rows);
  return {
    count: found?.n ?? 0,
    overdue: found?.overdue ?? 0,
    lost: found?.lost ?? 0,
    failing: found?.failing ?? 0,
    failingCode: found?.failing_code ?? undefined,
    refreshedAt: found?.refreshed_at ?? undefined,
  };
}

const failing = "k.state = 'valid' and k.refresh_failed_at is not null";

const tokenRow = z.object({
  ...{ n: rowCount, overdue: rowCount, lost: rowCount, failing: rowCount },
  failing_code: z.string().nullable(),
  refreshed_at: rowTime.nullable(),
});

/** What came to a plugin's webhook address. */
export async function selectWebhookTrace(sql: Sql, plugin: string): Promise<WebhookTrace> {
  const taken: unknown[] = await sql('webhook_events').where({ plugin }).max({ at: 'at' });
  const refused: unknown = await sql('webhook_refusals').where({ plugin }).select('code', 'at');
  return {
    lastTakenAt: firstRow(z.object({ at: rowTime.nullable() }), taken)?.at ?? undefined,
    refusedAt: Object.fromEntries(
      z
        .array(z.object({ code: z.string(), at: rowTime }))
        .parse(refused)
        .map(({ code, at }) => [code, at]),
    ),
  };
}
