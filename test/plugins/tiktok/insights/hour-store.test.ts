import { expect } from 'chai';
import { HourStore, type SeenAt } from '../../../../plugins/tiktok/insights/hour-store.ts';
import { idOf, JANUARY, onListStage, type VideoRow } from './list-stage.ts';

onListStage('The hours of many videos', (stage) => {
  it('are read in one statement, each video once, those without views not', async function () {
    this.timeout(20_000);
    const rows = Array.from({ length: 1_000 }, (_, n): VideoRow => ({
      ...{ video_id: idOf(n), published_at: JANUARY + n * 3_600_000, views: n % 4 === 0 ? null : n },
      missing_since: n % 4 === 1 ? JANUARY : null,
    }));
    for (let from = 0; from < rows.length; from += 500) await add(rows.slice(from, from + 500));
    const store = new HourStore((name) => stage().db.knex(`tiktok_${name}`));
    const until = JANUARY + 900 * 3_600_000;
    let seen: readonly SeenAt[] = [];
    const sent = await stage().statements(async () => (seen = await store.publishedBefore(stage().channelId, until)));
    expect(sent).to.equal(1);
    expect(seen).to.have.length(450);
    expect(seen[0]).to.deep.equal({ at: JANUARY + 899 * 3_600_000, views: 899 });
  });

  const add = async (rows: readonly VideoRow[]): Promise<void> => {
    const plain = { channel_id: stage().channelId, caption: '', seen_at: JANUARY };
    await stage()
      .db.knex('tiktok_videos')
      .insert(rows.map((row) => ({ ...plain, ...row })));
  };
});
