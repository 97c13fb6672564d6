import type { Standing } from '../web/route.ts';
import type { PersonStore } from './person-store.ts';

/** Who a signed-in person is and may do, as of now. Undefined when the person is gone or disabled. */
export async function findStanding(people: PersonStore, userId: number): Promise<Standing | undefined> {
  const account = await people.find(userId);
  if (account === undefined || account.disabledAt !== null) return undefined;
  const { id, name, email, isAdmin, theme, language } = account;
  return { person: { id, name, email, isAdmin }, theme, language, teams: await people.memberships(id) };
}
