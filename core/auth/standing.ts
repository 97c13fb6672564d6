import type { Standing } from '../web/route.ts';
import type { PersonStore } from './person-store.ts';

/** Who a signed-in person is and may do, as of now. Undefined when the person is gone or disabled. */
export async function findStanding(people: PersonStore, userId: number): Promise<Standing | undefined> {
  const found = await people.findWithTeams(userId);
  return found === undefined || found.isDisabled ? undefined : found.standing;
}
