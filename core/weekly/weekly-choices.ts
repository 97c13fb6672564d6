import type { Clock } from '#plugin-api';
import type { Database } from '../db/database.ts';
import { mondayAfter } from './monday.ts';
import { selectChoices, turnOff, turnOn, type WeeklyChoice, type WeeklyReader } from './weekly-store.ts';

export type { WeeklyChoice };

/** Which teams a person wants the mail about each week of. */
export interface WeeklyChoices {
  /** Whether this installation sends mail. */
  readonly isOn: boolean;
  of(personId: number): Promise<readonly WeeklyChoice[]>;
  /** @param wanted numbers of teams as a form gives them; those of others are passed over */
  save(personId: number, wanted: readonly string[]): Promise<void>;
  stop(reader: WeeklyReader): Promise<void>;
}

interface WeeklyParts {
  readonly db: Database;
  readonly clock: Clock;
  readonly config: { readonly mail?: unknown };
}

export function createWeeklyChoices({ db, clock, config }: WeeklyParts): WeeklyChoices {
  return {
    isOn: config.mail !== undefined,
    of: (personId) => selectChoices(db.knex, personId),
    save: (personId, wanted) =>
      db.transaction(async (sql) => {
        for (const team of await selectChoices(sql, personId)) {
          const reader = { userId: personId, teamId: team.id };
          if (wanted.includes(String(team.id))) await turnOn(sql, reader, mondayAfter(clock.now(), team.zone));
          else await turnOff(sql, reader);
        }
      }),
    stop: (reader) => turnOff(db.knex, reader),
  };
}
