import { z } from 'zod';
import { type Role, roles } from '../auth/permissions.ts';
import type { Sql } from '../db/database.ts';
import type { Json } from '#plugin-api';
import { anyJson, firstRow, rowBoolean, rowId, rowJson } from '../db/rows.ts';
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

/** Who made the post and who submitted it, where they still are members. */
export async function selectAuthorIds(
  sql: Sql,
  { teamId, postId, submittedBy }: { readonly teamId: number; readonly postId: number; readonly submittedBy: number },
): Promise<readonly number[]> {
  const rows: unknown[] = await sql('members')
    .where({ team_id: teamId })
    .where((author) => {
      void author
        .where({ user_id: submittedBy })
        .orWhereIn('user_id', sql('posts').where({ id: postId }).whereNotNull('created_by').select('created_by'));
    })
    .orderBy('user_id')
    .select('user_id');
  return rows.map((row) => z.object({ user_id: rowId }).parse(row).user_id);
}
