import { z } from 'zod';
import type { Table } from './profile-store.ts';

const reasons = ['network', 'refused', 'access', 'scope'] as const;

/** Why a profile's numbers could not be read: TikTok did not answer or refused, the access was gone, or a permission was. */
export type MissedReason = (typeof reasons)[number];

export interface MissedDay {
  /** YYYY-MM-DD in the team's zone. */
  readonly day: string;
  readonly reason: MissedReason;
}

/** All SQL of the days on which something kept the numbers away. A day may have got its snapshot later. */
export class MissedDayStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** The day's last reason stays. */
  async save(channelId: number, { day, reason }: MissedDay): Promise<void> {
    await this.#table('missed_days')
      .insert({ channel_id: channelId, day, reason })
      .onConflict(['channel_id', 'day'])
      .merge();
  }

  /** Oldest first. @param day YYYY-MM-DD */
  async since(channelId: number, day: string): Promise<readonly MissedDay[]> {
    const rows: unknown[] = await this.#table('missed_days')
      .where({ channel_id: channelId })
      .where('day', '>=', day)
      .orderBy('day')
      .select('day', 'reason');
    return rows.map((row) => missedRow.parse(row));
  }
}

const missedRow = z.object({ day: z.string(), reason: z.enum(reasons) });
