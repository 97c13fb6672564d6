import { expect } from 'chai';
import { createMediaStore } from '../../../core/media/media-store.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { createTeam } from '../../support/factories.ts';
import { rowsRead } from '../../support/rows-read.ts';

onEachDatabase('The list of files', (db) => {
  it('reads no more rows in the middle of 2,000 files than on its first page', async function () {
    this.timeout(30_000);
    const team = await createTeam(db());
    const files = Array.from({ length: 2_000 }, (_, n) => ({
      ...{
        team_id: team.id,
        file_name: `take-${n}.mp4`,
        stored_name: `${team.id}-${n}`,
        kind: 'video',
        type: 'video/mp4',
      },
      ...{ bytes: 1, sha256: 'x', width: 360, height: 640, rotation: 0, created_at: n },
    }));
    await db().knex.batchInsert('media', files, 500);
    const store = createMediaStore(db());
    const first = await store.page(team.id, { before: null, limit: 40 });
    const middle = (first.next ?? 0) - 1_000;
    const before = await rowsRead(db());
    const page = await store.page(team.id, { before: middle, limit: 40 });
    expect(page.items).to.have.length(40);
    expect((await rowsRead(db())) - before).to.be.at.most(6 * 40);
  });
});
