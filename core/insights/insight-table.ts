import type { ChannelOverview } from '#plugin-api';

/** The numbers of a channel's profile, each with its change, and those of what was published in the period. */
const profileColumns = ['followers', 'allLikes', 'allVideos'] as const;
const periodColumns = ['videos', 'views', 'likes', 'comments', 'shares'] as const;
export const columns = [...profileColumns, ...periodColumns] as const;
export type Column = (typeof columns)[number];

/** What the table can be sorted by. */
export const sorts = [...columns, ...profileColumns.map((column) => `${column}Change` as const)] as const;
export type Sort = (typeof sorts)[number];

export function isOfProfile(column: Column): boolean {
  return profileColumns.some((one) => one === column);
}

/** One number of one channel; null = not known. */
export interface Cell {
  readonly column: Column;
  readonly value: number | null;
  /** Undefined where no change is told. */
  readonly change: number | null | undefined;
}

/** @param overview undefined: nothing is known of the channel */
export function cellsOf(overview: ChannelOverview | undefined): readonly Cell[] {
  return columns.map((column) => ({ column, ...numberOf(column, overview) }));
}

function numberOf(column: Column, overview: ChannelOverview | undefined): Omit<Cell, 'column'> {
  const none = { value: null, change: isOfProfile(column) ? null : undefined };
  if (overview === undefined) return none;
  const { published } = overview;
  switch (column) {
    case 'followers':
      return overview.followers;
    case 'allLikes':
      return overview.likes;
    case 'allVideos':
      return overview.videos;
    default:
      return published === null ? none : { value: published[column], change: undefined };
  }
}

/** What is not known stands last, whichever way it is sorted; equals keep their order. */
export function sorted<Row extends { readonly cells: readonly Cell[] }>(
  rows: readonly Row[],
  { sort, direction }: { readonly sort: Sort; readonly direction: 'asc' | 'desc' },
): readonly Row[] {
  const key = ({ cells }: Row): number | null => {
    const isChange = sort.endsWith('Change');
    const cell = cells.find(({ column }) => column === (isChange ? sort.slice(0, -'Change'.length) : sort));
    return (isChange ? cell?.change : cell?.value) ?? null;
  };
  const sign = direction === 'asc' ? 1 : -1;
  return [...rows].sort((one, other) => {
    const [a, b] = [key(one), key(other)];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    return sign * (a - b);
  });
}

export interface Total {
  readonly column: Column;
  /** Null where it is known of no channel. */
  readonly value: number | null;
  /** Of how many channels it is the sum. */
  readonly over: number;
}

/** Sums over the channels of which the number is known. Who published nothing in the period is known to have none. */
export function totalsOf(rows: readonly { readonly cells: readonly Cell[] }[]): readonly Total[] {
  return columns.map((column) => {
    const known = rows.flatMap(({ cells }) => {
      const hasNone = cells.some((cell) => cell.column === 'videos' && cell.value === 0);
      const value = cells.find((cell) => cell.column === column)?.value ?? null;
      if (value !== null) return value;
      return hasNone && !isOfProfile(column) ? 0 : [];
    });
    return { column, value: known.length === 0 ? null : known.reduce((sum, one) => sum + one, 0), over: known.length };
  });
}
