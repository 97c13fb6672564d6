import { z } from 'zod';
import type { Sql } from '../db/database.ts';
import { firstRow, rowBoolean } from '../db/rows.ts';

/** How a team works. */
export interface TeamSettings {
  /** IANA name. */
  readonly zone: string;
  /** How late a post may still go out. */
  readonly graceSeconds: number;
  /** Whether the posts of editors wait for a manager. */
  readonly needsApproval: boolean;
}

const settingsRow = z
  .object({ zone: z.string(), grace_seconds: z.int(), needs_approval: rowBoolean })
  .transform((row): TeamSettings => ({
    zone: row.zone,
    graceSeconds: row.grace_seconds,
    needsApproval: row.needs_approval,
  }));

/** @param forUpdate locks the row (MySQL, MariaDB): what is written down as changed is what was changed */
export async function selectTeamSettings(
  sql: Sql,
  { teamId, forUpdate }: { readonly teamId: number; readonly forUpdate?: true },
): Promise<TeamSettings | undefined> {
  const query = sql('teams').where({ id: teamId }).select('zone', 'grace_seconds', 'needs_approval');
  const rows: unknown[] = await (forUpdate === true ? query.forUpdate() : query);
  return firstRow(settingsRow, rows);
}

export async function updateTeamSettings(sql: Sql, teamId: number, settings: TeamSettings): Promise<void> {
  const { zone, graceSeconds, needsApproval } = settings;
  await sql('teams').where({ id: teamId }).update({ zone, grace_seconds: graceSeconds, needs_approval: needsApproval });
}
