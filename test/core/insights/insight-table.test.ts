import { expect } from 'chai';
import type { ChannelOverview } from '#plugin-api';
import { cellsOf, sorted, totalsOf } from '../../../core/insights/insight-table.ts';

const unknown = { value: null, change: null };

function overview(facts: Partial<ChannelOverview>): ChannelOverview {
  const nothing = { followers: unknown, likes: unknown, videos: unknown, published: null, readAt: null, notes: [] };
  return { ...nothing, ...facts };
}

function published(videos: number, views: number | null) {
  return { videos, views, likes: null, comments: null, shares: null };
}

const rows = [
  { name: 'Rye Club', cells: cellsOf(undefined) },
  {
    name: 'Workshops',
    cells: cellsOf(overview({ followers: { value: 90, change: -3 }, published: published(0, null) })),
  },
  {
    name: 'Hazel & Rye',
    cells: cellsOf(overview({ followers: { value: 40, change: 12 }, published: published(2, 700) })),
  },
];

describe('The table of a team’s channels', () => {
  it('is sorted by any number or its change, and what is not known stands last either way', () => {
    const names = (sort: 'followers' | 'followersChange' | 'views', direction: 'asc' | 'desc') =>
      sorted(rows, { sort, direction }).map(({ name }) => name);
    expect(names('followers', 'desc')).to.deep.equal(['Workshops', 'Hazel & Rye', 'Rye Club']);
    expect(names('followers', 'asc')).to.deep.equal(['Hazel & Rye', 'Workshops', 'Rye Club']);
    expect(names('followersChange', 'desc')).to.deep.equal(['Hazel & Rye', 'Workshops', 'Rye Club']);
    expect(names('views', 'asc')).to.deep.equal(['Hazel & Rye', 'Rye Club', 'Workshops']);
  });

  it('adds up what is known only, and tells of how many channels; none is no zero', () => {
    const totals = Object.fromEntries(totalsOf(rows).map(({ column, value, over }) => [column, [value, over]]));
    expect(totals).to.deep.include({ followers: [130, 2], allLikes: [null, 0], videos: [2, 2] });
    // Who published nothing is known to have no views from it; likes of the two videos are not known.
    expect(totals).to.deep.include({ views: [700, 2], likes: [0, 1] });
    expect(totalsOf([{ cells: cellsOf(undefined) }]).every(({ value }) => value === null)).to.equal(true);
  });
});
