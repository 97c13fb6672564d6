import { z } from 'zod';
import type { Sql } from '../db/database.ts';
import { readRows } from '../db/read-rows.ts';
import { rowBoolean, rowId, rowTime } from '../db/rows.ts';
import { languages } from '../language/languages.ts';
import type { Standing } from '../web/route.ts';
import { roles } from './permissions.ts';

export const themes = ['auto', 'light', 'dark'] as const;

/** Columns of a person `u` and of each team of theirs; to be read with `standingOf`. */
export const standingColumns = `u.id as person_id, u.name as person_name, u.email, u.is_admin, u.theme, u.language,
  u.disabled_at, t.id as team_id, t.name as team_name, t.zone, m.role`;
/** To be joined to a person `u`. A team that was deleted is nobody's any more. */
export const placesOfPerson = `left join members as m on m.user_id = u.id
  left join teams as t on t.id = m.team_id and t.deleted_at is null`;
export const placesInOrder = 'order by t.name, t.id';

const personRow = z.compile(
  z.object({
    ...{ person_id: rowId, person_name: z.string(), email: z.string(), is_admin: rowBoolean, theme: z.enum(themes) },
    // One that a later version spoke is none here.
    language: z.enum(languages).nullable().catch(null),
    disabled_at: rowTime.nullable(),
  }),
);
/** Without a team where the person is in none, or where it was deleted. */
const placeRow = z.compile(
  z
    .object({
      team_id: rowId.nullable(),
      team_name: z.string().nullable(),
      zone: z.string().nullable(),
      role: z.enum(roles).nullable(),
    })
    .transform(({ team_id: id, team_name: name, zone, role }) =>
      id === null || name === null || zone === null || role === null ? undefined : { id, name, zone, role },
    ),
);

interface FoundStanding {
  readonly standing: Standing;
  readonly isDisabled: boolean;
}

/** @param rows of one person, at least one */
export function standingOf(rows: readonly unknown[]): FoundStanding {
  const { person_id: id, person_name: name, is_admin: isAdmin, ...row } = personRow.parse(rows[0]);
  const { email, theme, language, disabled_at: disabledAt } = row;
  const teams = rows.flatMap((one) => placeRow.parse(one) ?? []);
  return {
    standing: { person: { id, name, email, isAdmin }, theme, language, teams },
    isDisabled: disabledAt !== null,
  };
}

const ofPerson = `select ${standingColumns} from users as u ${placesOfPerson} where u.id = ? ${placesInOrder}`;

export async function selectStanding(sql: Sql, personId: number): Promise<FoundStanding | undefined> {
  const rows = await readRows(sql, ofPerson, [personId]);
  return rows.length === 0 ? undefined : standingOf(rows);
}
