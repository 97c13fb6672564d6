import { expect } from 'chai';
import { Temporal } from 'temporal-polyfill';
import type { SeenAt } from '../../../../plugins/tiktok/insights/hour-store.ts';
import { hourTables, type HourTable, readable } from '../../../../plugins/tiktok/insights/hour-table.ts';
import { whenRoute } from '../../../../plugins/tiktok/insights/when-route.ts';
import { zoneOffsets } from '../../../../plugins/tiktok/insights/zone-offsets.ts';
import { START } from '../simulator/support.ts';
import { InsightStage } from './insight-stage.ts';

const DAY = 24 * 3_600_000;
const [monday, friday, sunday] = [0, 4, 6];

/** So many videos a week apart by the clocks of the zone, from this wall time on, with these views. */
function weekly(wall: string, zone: string, views: readonly number[]): readonly SeenAt[] {
  const first = Temporal.PlainDateTime.from(wall);
  return views.map((seen, weeks) => {
    const at = first.add({ days: weeks * 7 }).toZonedDateTime(zone).epochMilliseconds;
    return { at, views: seen };
  });
}

function tableOf(videos: readonly SeenAt[], zone: string, hoursEach = 1): HourTable {
  const [table] = hourTables(videos, zone, [hoursEach]);
  if (table === undefined) throw new Error('There is no table.');
  return table;
}

describe('When a channel posts', () => {
  it('is told by the clocks of the team, also over their changes', () => {
    // Five Fridays around the night of 25 October 2026, and five around that of 29 March.
    for (const wall of ['2026-10-09T18:30', '2026-03-13T18:30']) {
      const { rows } = tableOf(weekly(wall, 'Europe/Copenhagen', [10, 20, 30, 40, 50]), 'Europe/Copenhagen');
      expect(rows[friday]?.[18], wall).to.deep.equal({ videos: 5, views: 30, level: 1 });
      expect(rows.flat().filter((cell) => cell !== null)).to.have.length(1);
    }
  });

  it('is right to the millisecond where clocks change', () => {
    const offsetAt = zoneOffsets('Europe/Copenhagen');
    const change = Date.UTC(2026, 9, 25, 1);
    const hour = 3_600_000;
    expect([change - 1, change, change + DAY, change - 1].map((at) => offsetAt(at) / hour)).to.deep.equal([2, 1, 1, 2]);
    expect(zoneOffsets('Asia/Bangkok')(change) / hour).to.equal(7);
    expect(zoneOffsets('Asia/Kathmandu')(change) / hour).to.equal(5.75);
  });

  it('begins the week with Monday and ends it with Sunday 23:59, whatever day that is in UTC', () => {
    const five = [1, 2, 3, 4, 5];
    const { rows } = tableOf(
      [...weekly('2026-06-01T00:00', 'Asia/Bangkok', five), ...weekly('2026-06-07T23:59', 'Asia/Bangkok', five)],
      'Asia/Bangkok',
    );
    expect(rows).to.have.length(7);
    expect(rows[monday]?.[0]?.videos).to.equal(5);
    expect(rows[sunday]?.[23]?.videos).to.equal(5);
  });

  it('shows nothing of fewer than five videos, but counts them in a block of hours', () => {
    const videos = [
      ...weekly('2026-06-01T12:10', 'UTC', [100, 200, 300, 400]),
      ...weekly('2026-06-01T14:59', 'UTC', [500, 600]),
    ];
    expect(tableOf(videos, 'UTC').rows.flat()).to.deep.equal(Array.from({ length: 168 }, () => null));
    const { rows } = tableOf(videos, 'UTC', 3);
    expect(rows[monday]).to.deep.equal([null, null, null, null, { videos: 6, views: 350, level: 1 }, null, null, null]);
  });

  it('is shown by the hour only where fourteen hours or more have enough videos, else in blocks alone', () => {
    const at = (hour: number) => weekly(`2026-06-01T${String(hour).padStart(2, '0')}:00`, 'UTC', [1, 2, 3, 4, 5]);
    const shown = (hours: number): number[] => {
      const videos = Array.from({ length: hours }, (_, hour) => at(hour)).flat();
      return readable(hourTables(videos, 'UTC')).map(({ hoursEach }) => hoursEach);
    };
    expect([shown(14), shown(13), shown(0)]).to.deep.equal([[1, 3], [3], []]);
  });

  it('gives the more seen times the stronger colours, and equal ones the same', () => {
    const at = (hour: number, views: number) =>
      weekly(`2026-06-01T${String(hour).padStart(2, '0')}:00`, 'UTC', [views, views, views, views, views]);
    const videos = [...at(6, 10), ...at(7, 10), ...at(8, 20), ...at(9, 30), ...at(10, 40)];
    const [row = []] = tableOf(videos, 'UTC').rows;
    expect(row.slice(6, 11).map((cell) => cell?.level)).to.deep.equal([1, 1, 3, 4, 5]);
  });
});

describe('The page of when a channel posts', () => {
  let world: InsightStage;
  before(async () => {
    world = await InsightStage.open();
    await world.sync();
  });
  after(() => world.close());

  const model = async () => {
    const given = await whenRoute(world.parts).handle({ channel: world.channel, params: {}, query: {}, body: {} });
    if (given.kind !== 'view') throw new Error(`It answers with ${given.kind}.`);
    return given.model;
  };

  it('counts videos from their seventh day on, as long as they are public', async () => {
    const old = (at: number) =>
      world.db.knex('tiktok_videos').where('published_at', '<', at).whereNull('missing_since');
    const counts = async (at: number) => (await old(at - 7 * DAY)).length;
    expect(await model()).to.include({ counted: await counts(START), zone: 'Europe/Copenhagen' });
    const before = (await model())['counted'];
    await world.pass(8 * DAY);
    const later = await model();
    expect(later['counted']).to.equal(await counts(world.clock.now()));
    expect(later['counted']).to.be.greaterThan(Number(before));
    await world.db.knex('tiktok_videos').update({ missing_since: START });
    expect(await model()).to.deep.include({ counted: 0, tables: [] });
  });
});
