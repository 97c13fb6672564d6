import { expect } from 'chai';
import type { VideoNumbers } from '../../../../plugins/tiktok/insights/number-store.ts';
import { courseOf, gapsOf, thinningOf } from '../../../../plugins/tiktok/insights/video-course.ts';

const hour = 3_600_000;
const day = 24 * hour;
/** Sunday, at noon in Copenhagen. */
const published = Date.UTC(2026, 10, 1, 11);

function row(days: number, views: number): VideoNumbers {
  const counts = { views, likes: 0, comments: 0, shares: 0 };
  return { videoId: '7', slot: '', at: published + days * day, ageDays: Math.floor(days), ...counts };
}

function course(rows: readonly VideoNumbers[], lookedOn: readonly string[], days: number) {
  return courseOf({
    ...{ rows, lookedOn: new Set(lookedOn), publishedAt: published, toldAt: published + days * day },
    zone: 'Europe/Copenhagen',
  });
}

function said(rows: readonly VideoNumbers[], lookedOn: readonly string[], days: number): unknown {
  return course(rows, lookedOn, days).map((point) => [point.day, point.counts?.views ?? null]);
}

describe('The course of a video', () => {
  it('stands still between two numbers, and is not known on a day when nobody looked', () => {
    expect(said([row(0, 10), row(1, 20)], ['2026-11-03', '2026-11-05'], 4)).to.deep.equal([
      ['2026-11-01', 10],
      ['2026-11-02', 20],
      ['2026-11-03', 20],
      ['2026-11-04', null],
      ['2026-11-05', 20],
    ]);
  });

  it('has days of the team’s zone, begins where the numbers begin, and ends where they were told last', () => {
    // 23:30 in London is the next day in Copenhagen.
    expect(said([row(1.52, 10)], [], 2.1)).to.deep.equal([['2026-11-03', 10]]);
    expect(said([row(1.52, 10)], [], 3.1)).to.deep.equal([
      ['2026-11-03', 10],
      ['2026-11-04', 10],
    ]);
  });

  it('knows nothing before the first numbers', () => {
    expect(said([], ['2026-11-02'], 4)).to.deep.equal([]);
  });

  it('thins out to weeks, then to months', () => {
    const points = course([row(0, 10)], ['2026-12-01', '2026-12-05', '2027-06-02'], 240);
    expect(points.slice(29, 33).map(({ from, day: to, ageDays }) => [from, to, ageDays])).to.deep.equal([
      ['2026-11-30', '2026-11-30', 29],
      ['2026-12-01', '2026-12-01', 30],
      ['2026-12-02', '2026-12-06', 35],
      ['2026-12-07', '2026-12-13', 42],
    ]);
    expect(points.slice(-3).map(({ day: to, counts }) => [to, counts === null])).to.deep.equal([
      ['2027-05-02', true],
      ['2027-05-31', true],
      ['2027-06-29', false],
    ]);
    expect(points.slice(31, 33).map(({ counts }) => counts === null)).to.deep.equal([false, true]);
    expect([thinningOf(points), thinningOf(points.slice(0, 33)), thinningOf(points.slice(0, 31))]).to.deep.equal([
      'months',
      'weeks',
      'days',
    ]);
  });

  it('names stretches of days of which nothing is known', () => {
    const points = course([row(0, 10), row(3, 20)], ['2026-11-02'], 9);
    expect(gapsOf(points)).to.deep.equal([
      { from: '2026-11-03', to: '2026-11-03' },
      { from: '2026-11-05', to: '2026-11-09' },
    ]);
    expect(gapsOf(course([row(0, 10)], [], 0.1))).to.deep.equal([]);
  });
});
