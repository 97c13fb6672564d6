import { expect } from 'chai';
import fc from 'fast-check';
import { z } from 'zod';
import {
  foldCaption,
  type VideoKind,
  type VideoPage,
  type VideoPlace,
  type VideoSelection,
  type VideoSort,
  videoSorts,
} from '../../../../plugins/tiktok/insights/video-list-store.ts';
import { rowsRead } from '../../../support/rows-read.ts';
import { DAY, idOf, JANUARY, type ListStage, onListStage, type VideoRow } from './list-stage.ts';

const columnOf: Record<VideoSort, string> = {
  date: 'published_at',
  length: 'duration_seconds',
  views: 'views',
  likes: 'likes',
  comments: 'comments',
  shares: 'shares',
  engagement: 'engagement',
};
const count = 26_000;

/** Few values, so that many are equal, and none at all now and then. */
const counter = fc.option(fc.integer({ min: 0, max: 4 }), { nil: null, freq: 4 });
const video = fc.record({
  n: fc.integer({ min: 0, max: 999_999 }),
  published_at: fc.integer({ min: 0, max: 6 }).map((day) => JANUARY + day * DAY),
  ...{ duration_seconds: counter, views: counter, likes: counter, comments: counter, shares: counter },
  engagement: counter,
  caption: fc.constantFrom('Semlor', 'SEMLOR igen', 'Rye'),
  post_id: fc.option(fc.constant(7), { nil: null, freq: 1 }),
  missing_since: fc.option(fc.constant(JANUARY + 9 * DAY), { nil: null, freq: 3 }),
});
const videos = fc
  .uniqueArray(video, { selector: ({ n }) => n, maxLength: 40 })
  .map((found) => found.map(({ n, ...row }): VideoRow => ({ video_id: idOf(n), ...row })));
const question = fc.record({
  sort: fc.constantFrom(...videoSorts),
  direction: fc.constantFrom('asc' as const, 'desc' as const),
  kind: fc.option(fc.constantFrom<VideoKind>('ours', 'elsewhere', 'gone'), { nil: undefined }),
  since: fc.option(fc.constant(JANUARY + 3 * DAY), { nil: undefined }),
  words: fc.option(fc.constant('semlor'), { nil: undefined }),
});
type Question = Omit<VideoSelection, 'channelId'>;

onListStage('the list of videos', (stage) => {
  it('shows every video of any selection once, in its order, reading on and reading back', async function () {
    this.timeout(20_000);
    const numRuns = stage().db.kind === 'sqlite' ? 60 : 15;
    await fc.assert(
      fc.asyncProperty(videos, question, fc.integer({ min: 1, max: 9 }), async (rows, asked, limit) => {
        await stage().fill(rows);
        const wanted = expected(rows, asked);
        const { forth, lastBefore } = await readOn(stage(), asked, limit);
        expect(forth, 'on').to.deep.equal(wanted);
        expect(await readBack(stage(), { asked, limit, from: lastBefore }), 'back').to.deep.equal(
          wanted.slice(0, wanted.length - (wanted.length % limit || limit)),
        );
      }),
      { numRuns },
    );
  });

  describe('of 26,000 videos', () => {
    before(async function () {
      this.timeout(30_000);
      await stage().fillWith(count);
    });

    it('B10: reads at most six rows for each that it shows, first, in the middle and near the end', async function () {
      this.timeout(10_000);
      for (const sort of videoSorts) {
        for (const direction of ['asc', 'desc'] as const) {
          const column = columnOf[sort];
          for (const share of [0, 0.5, 0.99]) {
            const after = share === 0 ? undefined : await placeAt(stage(), column, share);
            for (const way of after === undefined ? [{}] : [{ after }, { before: after }]) {
              const selection = { channelId: stage().channelId, sort, direction };
              const before = await rowsRead(stage().db);
              const { videos: shown } = await stage().list.page(selection, { limit: 20, ...way });
              const read = (await rowsRead(stage().db)) - before;
              expect(shown.length, `${sort} ${direction} ${share}`).to.equal(20);
              expect(read, `${sort} ${direction} ${share} ${Object.keys(way).join()}`).to.be.at.most(120);
            }
          }
        }
      }
    });

    it('sends five statements at most for a page of all videos, wherever it is', async () => {
      const after = await placeAt(stage(), 'views', 0.5);
      const selection = { channelId: stage().channelId, sort: 'views', direction: 'desc' } as const;
      for (const way of [{}, { after }, { before: after }]) {
        const sent = await stage().statements(() => stage().list.page(selection, { limit: 20, ...way }));
        expect(sent).to.be.at.most(5);
      }
    });

    it('finds captions among all of them, five hundred rows a statement at most', async () => {
      const since = JANUARY + 6_000 * 60_000;
      const selection = { ...all(stage()), since, words: foldCaption('ÜBER Nacht') };
      let page: VideoPage | undefined;
      const sent = await stage().statements(async () => (page = await stage().list.page(selection, { limit: 20 })));
      expect(page?.videos.map(({ videoId }) => videoId)).to.deep.equal([23_177, 15_477, 7_777].map(idOf));
      expect([page?.before, page?.after]).to.deep.equal([null, null]);
      // Forty strides, the stretches between them and the rows: never one statement over all.
      expect(sent).to.be.within(41, 85);
    });

    it('leaves a search off after 25,000 videos, and goes on there', async () => {
      const selection = { ...all(stage()), words: 'über nacht', sort: 'views' } as const;
      const first = await stage().list.page(selection, { limit: 20 });
      const rest = await stage().list.page(selection, { limit: 20, after: placeIn(first.after) });
      expect([first.videos.length + rest.videos.length, rest.after]).to.deep.equal([4, null]);
    });
  });

  it('keeps ids and their ties exact beyond what a number holds', async () => {
    const ids = ['7301234567890123456', '7301234567890123457', '7301234567890123458'];
    await stage().fill(ids.map((id) => ({ video_id: id, views: 5 })));
    const selection = { ...all(stage()), sort: 'views' } as const;
    const { videos: shown, after } = await stage().list.page(selection, { limit: 2 });
    expect(shown.map(({ videoId }) => videoId)).to.deep.equal([ids[2], ids[1]]);
    expect(after).to.deep.equal({ value: 5, videoId: ids[1] });
  });
});

describe('a caption as it is searched', () => {
  it('is the same in any case and any spelling of a letter', () => {
    expect(foldCaption('ÜBER  Nacht')).to.equal(foldCaption('u\u0308ber nacht'));
    expect(foldCaption('STRASSE')).to.equal(foldCaption('Straße'));
    expect(foldCaption('น\u0E33')).to.equal(foldCaption('น\u0E4D\u0E32'));
    expect(foldCaption('กาแฟเย็น')).to.contain(foldCaption('แฟ'));
  });
});

function all(stage: ListStage): VideoSelection {
  return { channelId: stage.channelId, sort: 'date', direction: 'desc' };
}

/** What the list must show: plain JavaScript over all rows. */
function expected(rows: readonly VideoRow[], { sort, direction, kind, since, words }: Question): unknown[] {
  const column = columnOf[sort];
  const sign = direction === 'asc' ? 1 : -1;
  const value = (row: VideoRow): number => Number(row[column]);
  return rows
    .filter((row) => kind !== 'ours' || row['post_id'] !== null)
    .filter((row) => kind !== 'elsewhere' || row['post_id'] === null)
    .filter((row) => kind !== 'gone' || row['missing_since'] !== null)
    .filter((row) => since === undefined || Number(row['published_at']) >= since)
    .filter((row) => words === undefined || String(row['caption']).toLowerCase().includes(words))
    .sort((one, other) => {
      const unknown = Number(one[column] === null) - Number(other[column] === null);
      const byId = String(one['video_id']) < String(other['video_id']) ? -sign : sign;
      return unknown || sign * (value(one) - value(other)) || byId;
    })
    .map((row) => row['video_id']);
}

async function readOn(stage: ListStage, asked: Question, limit: number) {
  const forth: string[] = [];
  const places: (VideoPlace | null)[] = [];
  let after: VideoPlace | undefined;
  do {
    const page: VideoPage = await stage.list.page({ channelId: stage.channelId, ...asked }, { limit, after });
    forth.push(...page.videos.map(({ videoId }) => videoId));
    places.push(page.before);
    after = placeIn(page.after);
  } while (after !== undefined);
  return { forth, lastBefore: places.at(-1) ?? null };
}

async function readBack(
  stage: ListStage,
  { asked, limit, from }: { asked: Question; limit: number; from: VideoPlace | null },
): Promise<string[]> {
  const back: string[] = [];
  let before = placeIn(from);
  while (before !== undefined) {
    const page: VideoPage = await stage.list.page({ channelId: stage.channelId, ...asked }, { limit, before });
    back.unshift(...page.videos.map(({ videoId }) => videoId));
    before = placeIn(page.before);
  }
  return back;
}

/** That many videos of those with a number into the order. */
async function placeAt(stage: ListStage, column: string, share: number): Promise<VideoPlace> {
  const known = () => stage.db.knex('tiktok_videos').whereNotNull(column);
  const total: unknown = await known().count({ n: '*' });
  const offset = Math.floor((z.array(z.object({ n: z.coerce.number() })).parse(total)[0]?.n ?? 0) * share);
  const order = [{ column }, { column: 'video_id' }];
  const rows: unknown = await known().orderBy(order).offset(offset).limit(1).select('video_id', `${column} as value`);
  const [place] = z.array(z.object({ video_id: z.string(), value: z.int() })).parse(rows);
  return { value: place?.value ?? null, videoId: place?.video_id ?? '' };
}

function placeIn(place: VideoPlace | null | undefined): VideoPlace | undefined {
  return place ?? undefined;
}
