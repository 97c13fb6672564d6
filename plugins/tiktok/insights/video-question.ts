import {
  foldCaption,
  type VideoKind,
  videoKinds,
  type VideoPlace,
  type VideoSelection,
  type VideoSort,
  videoSorts,
} from './video-list-store.ts';

type Query = Readonly<Record<string, string>>;

const dayMs = 24 * 3_600_000;
/** Longer than any caption. */
const mostLetters = 200;

export const periods = ['7', '28', '90', '365'] as const;
type Period = (typeof periods)[number];

/** What somebody asks of the list of videos, as its address says it. */
export interface VideoQuestion {
  readonly sort: VideoSort;
  readonly direction: 'asc' | 'desc';
  /** Days; null = all there are. */
  readonly period: Period | null;
  readonly show: VideoKind | null;
  /** As it was typed. */
  readonly find: string;
  readonly after: VideoPlace | undefined;
  readonly before: VideoPlace | undefined;
}

/** Whatever the address does not say well counts as not said. */
export function questionOf(query: Query): VideoQuestion {
  return {
    sort: oneOf(videoSorts, query['sort']) ?? 'date',
    direction: query['order'] === 'asc' ? 'asc' : 'desc',
    period: oneOf(periods, query['period']) ?? null,
    show: oneOf(videoKinds, query['show']) ?? null,
    find: (query['find'] ?? '').trim().slice(0, mostLetters),
    after: placeOf(query['after']),
    before: placeOf(query['before']),
  };
}

/** @param now UTC ms: a period ends then */
export function selectionOf(
  { sort, direction, period, show, find }: VideoQuestion,
  { channelId, now }: { readonly channelId: number; readonly now: number },
): VideoSelection {
  const words = foldCaption(find);
  return {
    ...{ channelId, sort, direction },
    kind: show ?? undefined,
    since: period === null ? undefined : now - Number(period) * dayMs,
    words: words === '' ? undefined : words,
  };
}

export function isNarrowed({ period, show, find }: VideoQuestion): boolean {
  return period !== null || show !== null || find !== '';
}

/** The address of another question: what is undefined is not said. Parts of the page besides the list keep theirs. */
export function queryWith(query: Query, changes: Readonly<Record<string, string | undefined>>): string {
  const all: Readonly<Record<string, string | undefined>> = {
    ...query,
    after: undefined,
    before: undefined,
    ...changes,
  };
  const said = Object.entries(all).flatMap<[string, string]>(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, value]],
  );
  return new URLSearchParams(said).toString();
}

/** `1204.7301234567890123456`, or without the number where nobody knows it. */
export function placeText({ value, videoId }: VideoPlace): string {
  return `${value ?? ''}.${videoId}`;
}

function placeOf(text: string | undefined): VideoPlace | undefined {
  const match = /^(\d{0,15})\.(\d{1,32})$/u.exec(text ?? '');
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { value: match[1] === '' ? null : Number(match[1]), videoId: match[2] };
}

function oneOf<T extends string>(words: readonly T[], word: string | undefined): T | undefined {
  return words.find((one) => one === word);
}
