import { expect } from 'chai';
import { startMariaDb } from '../../../support/mariadb.ts';
import { KilledSync } from './killed-sync.ts';

/** By hand also more, e.g. `SYNC_VIDEOS=25000`, then on MariaDB too. */
const byHand = process.env['SYNC_VIDEOS'];
const videos = Number(byHand ?? 2_500);
const pages = Math.ceil(videos / 20);
/** Ten that are being stored, and ten that are asked for meanwhile. */
const [kills, pagesLostByAKill] = [3, 20];

describe(`A pass over ${videos} videos whose worker is killed again and again`, function () {
  this.timeout(900_000);

  it('goes on where it was, and has every video once', () => pass());

  if (byHand === undefined) return;
  it('does so on MariaDB', async () => {
    const server = await startMariaDb();
    try {
      await pass(server.url);
    } finally {
      await server.stop();
    }
  });
});

async function pass(databaseUrl?: string): Promise<void> {
  const sync = await KilledSync.open({ videos, databaseUrl });
  try {
    const ids = await sync.connect();
    expect(new Set(ids).size).to.equal(videos);

    await sync.killAtRequest(6);
    expect(await sync.seen(), 'nothing is stored of the first ten pages').to.equal(0);
    const beganAt = await sync.beganAt();
    await sync.killAfter(videos / 2);
    const seen = await sync.seen();
    expect(seen).to.be.within(videos / 2, videos - 1);
    await sync.killAtRequest(Math.ceil((videos - seen) / 20));
    expect(await sync.beganAt(), 'it did not begin anew').to.equal(beganAt);
    await sync.finish();

    const { requests, seconds } = sync.figures();
    const stored = await sync.stored();
    expect(stored.ids).to.deep.equal(ids);
    expect(stored).to.include({ missing: 0, listed: videos });
    expect(requests).to.be.within(pages, pages + kills * pagesLostByAKill);
    if (byHand === undefined) return;
    const megabytes = Math.round(sync.peakBytes / 1_000_000);
    process.stdout.write(
      `      ${requests} requests for ${pages} pages, ${seconds.toFixed(1)} s, ${megabytes} MB resident at most\n`,
    );
  } finally {
    await sync.close();
  }
}
