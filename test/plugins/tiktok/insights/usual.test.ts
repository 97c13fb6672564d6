import { expect } from 'chai';
import {
  compare,
  type Compared,
  type Course,
  usualAt,
  type ViewsAt,
} from '../../../../plugins/tiktok/insights/usual.ts';

const hour = 3_600_000;
const day = 24 * hour;
const published = Date.UTC(2026, 10, 1, 9);
const now = published + 100 * day;

/** A video that has so many views after so many days. */
function course(views: Readonly<Record<string, number>>, facts: Partial<Course> = {}): Course {
  const rows = Object.entries(views).map(([days, seen]): ViewsAt => ({
    at: published + Number(days) * day,
    views: seen,
  }));
  return {
    ...{ videoId: '7', publishedAt: published, firstSeenAt: published + hour, missingSince: null },
    ...{ views: rows.sort((a, b) => a.at - b.at) },
    ...facts,
  };
}

function withViews(...views: readonly number[]): readonly Course[] {
  return views.map((seen) => course({ 1: seen }));
}

function usual(courses: readonly Course[], days: number, at = now): unknown {
  return usualAt(courses, days * day, at);
}

const video: Compared = { videoId: '9', publishedAt: published, views: 38_402, toldAt: published + 5.5 * day };

describe('What is usual for a channel', () => {
  it('is the middle of its videos, or between the two in the middle', () => {
    expect(usual(withViews(9, 1, 5, 1000, 3), 2)).to.deep.equal({ views: 5, videos: 5 });
    expect(usual(withViews(9, 1, 5, 1000, 3, 7), 2)).to.deep.equal({ views: 6, videos: 6 });
  });

  it('is not said of fewer than five videos', () => {
    expect(usual(withViews(1, 2, 3, 4), 2)).to.deep.equal({ views: null, videos: 4 });
    expect(usual([], 2)).to.deep.equal({ views: null, videos: 0 });
  });

  it('does not know videos that are younger', () => {
    const young = course({ 1: 50 }, { publishedAt: now - 1.9 * day });
    expect(usual([...withViews(1, 2, 3, 4), young], 2)).to.deep.include({ videos: 4 });
  });

  const beginnings: readonly (readonly [string, number | null, number])[] = [
    ['knows a video that was first seen on its second day', published + 2 * day, 5],
    ['does not know a video that was first seen later', published + 2 * day + 1, 4],
    ['does not know a video of which nobody noted when it was first seen', null, 4],
  ];
  for (const [sentence, firstSeenAt, videos] of beginnings) {
    it(sentence, () => {
      const other = course({ 2: 5 }, { firstSeenAt });
      expect(usual([...withViews(1, 2, 3, 4), other], 3)).to.deep.include({ videos });
    });
  }

  it('does not know what a video had before it was seen, nor after it was gone', () => {
    const four = withViews(1, 2, 3, 4);
    expect(usual([...four, course({ 1.5: 5 })], 1)).to.deep.include({ videos: 4 });
    const gone = course({ 1: 5 }, { missingSince: published + 3 * day });
    expect(usual([...four, gone], 3)).to.deep.include({ videos: 5 });
    expect(usual([...four, gone], 3.1)).to.deep.include({ videos: 4 });
  });

  it('takes the last numbers that are not later than the age', () => {
    const courses = withViews(0, 0, 9, 9).concat(course({ 1: 4, 20: 8 }));
    expect(usual(courses, 19)).to.deep.include({ views: 4 });
    expect(usual(courses, 20)).to.deep.include({ views: 8 });
    expect(usual(courses, 90)).to.deep.include({ views: 8 });
  });

  it('lies between the last numbers of two neighbouring days', () => {
    const courses = withViews(0, 0, 9000, 9000).concat(course({ 0.5: 100, 1.5: 300 }));
    expect(usual(courses, 1)).to.deep.include({ views: 200 });
  });
});

describe('A video beside the others of its channel', () => {
  it('has so many times the usual of so many videos at its age', () => {
    const courses = withViews(7000, 7390, 8000, 1, 90_000);
    expect(compare(video, courses, now)).to.deep.equal({
      ...{ kind: 'compared', views: 38_402, ageDays: 5, usual: 7390, videos: 5, times: 38_402 / 7390 },
    });
  });

  it('is not compared with itself', () => {
    const itself = course({ 1: 1 }, { videoId: video.videoId });
    expect(compare(video, [...withViews(1, 2, 3, 4), itself], now)).to.deep.equal({ kind: 'too-few', videos: 4 });
  });

  it('is too early to compare in its first day', () => {
    const toldAt = published + day;
    expect(compare({ ...video, toldAt }, withViews(1, 2, 3, 4, 5), now)).to.include({ kind: 'compared' });
    expect(compare({ ...video, toldAt: toldAt - 1 }, withViews(1, 2, 3, 4, 5), now)).to.deep.equal({
      kind: 'too-early',
    });
  });

  it('is not compared where its views are unknown, and is no times of nothing', () => {
    expect(compare({ ...video, views: null }, withViews(1, 2, 3, 4, 5), now)).to.deep.equal({ kind: 'unknown' });
    expect(compare(video, withViews(0, 0, 0, 1, 2), now)).to.include({ usual: 0, times: null });
  });
});
