import { z } from 'zod';
import { type Role, roles } from '../auth/permissions.ts';
import type { Sql } from '../db/database.ts';
import { firstRow, rowBoolean } from '../db/rows.ts';
import type { Json } from '#plugin-api';
import { anyJson, rowJson } from '../db/rows.ts';
import { publishJobKind } from './publishing-context.ts';

/** What the team asks for, and who somebody is in it, as of now. */
export interface ApprovalStanding {
  readonly isAsked: boolean;
  /** Null for whoever is no member, or is not known. */
  readonly role: Role | null;
  readonly graceMs: number;
}

const standingRow = z
  .object({ needs_approval: rowBoolean, grace_seconds: z.int(), role: z.enum(roles).nullable() })
  .transform((row): ApprovalStanding => ({
    isAsked: row.needs_approval,
    graceMs: row.grace_seconds * 1_000,
    role: row.role,
  }));

export async function selectApprovalStanding(
  sql: Sql,
  teamId: number,
  personId: number | null,
): Promise<ApprovalStanding> {
  const rows: unknown[] = await sql('teams as t')
    .leftJoin('members as m', (join) => {
      join.on('m.team_id', 't.id').onVal('m.user_id', personId ?? 0);
    })
    .where('t.id', teamId)
    .select('t.needs_approval', 't.grace_seconds', 'm.role');
  return firstRow(standingRow, rows) ?? { isAsked: true, role: null, graceMs: 0 };
}

/** What the delivery's job carries; null when it never had one. */
export async function selectPayload(sql: Sql, deliveryId: number): Promise<Json> {
  const rows: unknown[] = await sql('jobs')
    .where({ kind: publishJobKind, key: String(deliveryId) })
    .select('payload');
  return firstRow(z.object({ payload: rowJson(anyJson) }), rows)?.payload ?? null;
}
