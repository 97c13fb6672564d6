import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { needs } from '../support/needs.ts';
import { sha256Of } from '../support/sha256.ts';
import { until } from '../support/until.ts';
import { makeVideo } from '../support/videos.ts';
import { useWorldOfProcesses, type World } from '../support/world.ts';
import { connectByPopup, deliveryIn, fillComposer, publishNow, saveCredentials, signIn, uploadFile } from './steps.ts';

const megabyte = 1_000_000;
const chunkBytes = 10 * megabyte;
const mebibyte = 1024 * 1024;
const mostMemory = 250 * mebibyte;
/** Of a process by its first files, however large they are; measured are 40. */
const mostGrowth = 80 * mebibyte;

describe('Web and worker as processes of their own', function () {
  this.timeout(180_000);
  before(needs('ffmpeg'));
  const theWorld = useWorldOfProcesses();

  let page: Page;
  let webAtFirst: number;

  before(async () => {
    const world = theWorld();
    const desk = await world.open();
    await signIn(desk, world.admin);
    await saveCredentials(desk);
    page = await world.open();
    await signIn(page, world.owner);
    await connectByPopup(page, { teamPath: world.teamPath, account: 'hazelandrye' });
    world.simulator.control.setSwitches({ processing_seconds: 0, post_id_delay_seconds: 0 });
    webAtFirst = (await world.panel.memory()).web.now;
  });

  const publish = async (file: string, caption: string): Promise<void> => {
    const { teamPath } = theWorld();
    const fileName = await uploadFile(page, { teamPath, file });
    const channels = [{ nickname: 'Hazel & Rye', privacy: 'Everyone' }];
    await fillComposer(page, { teamPath, channels, caption, fileName });
    await publishNow(page);
  };

  it('publish a video once and whole although the worker is killed in the middle of the upload', async () => {
    const world = theWorld();
    const { control } = world.simulator;
    control.setSwitches({ failures: [{ endpoint: 'upload', kind: 'hang', chunk: 4 }] });
    const file = await makeVideo({ seconds: 10, megabits: 60 });
    await publish(file, 'Killed on the way');
    await until(() => control.switches().failures.length === 0, 'the fourth chunk is on its way', 60_000);
    await world.panel.killWorker();
    await letLeasesEnd(world);
    await world.panel.startWorker();
    await deliveryIn(page, 'published');

    const posts = control.posts();
    expect(posts).to.have.lengthOf(1);
    expect(posts[0]).to.deep.include({ caption: 'Killed on the way', sha256: await sha256Of(file) });
    expect(control.publishes(), 'inits at TikTok').to.have.lengthOf(1);
    const { video_size: size = 0, chunk_requests: requests = [] } = posts[0] ?? {};
    const sent = requests.reduce((sum, { range }) => sum + lengthOf(range), 0);
    expect(sent - size, 'bytes sent twice').to.be.at.most(chunkBytes);
  });

  it('keep their memory under 250 MB with a file of 200 MB', async () => {
    const world = theWorld();
    const file = await makeVideo({ seconds: 27, megabits: 60 });
    const { worker: workerAtFirst } = await world.panel.memory();
    await publish(file, 'Two hundred megabytes');
    await deliveryIn(page, 'published', 120_000);
    const [post] = world.simulator.control.posts().filter(({ caption }) => caption === 'Two hundred megabytes');
    expect(post?.bytes).to.be.at.least(200 * megabyte);
    const { web, worker } = await world.panel.memory();
    expect(web.peak, 'web').to.be.below(mostMemory);
    expect(worker.peak, 'worker').to.be.below(mostMemory);
    expect(web.peak - webAtFirst, 'growth of web').to.be.below(mostGrowth);
    expect(worker.peak - workerAtFirst.now, 'growth of worker').to.be.below(mostGrowth);
  });

  it('S4: have told nobody a secret', async () => {
    expect(await theWorld().leaks()).to.deep.equal([]);
  });
});

/** What a minute without heartbeats does, at once. */
async function letLeasesEnd({ db }: Pick<World, 'db'>): Promise<void> {
  await db.knex('jobs').whereNotNull('lease_until').update({ lease_until: 0 });
}

/** `bytes 0-9/100` are ten. */
function lengthOf(range: string): number {
  const [, first = '', last = ''] = /^bytes (\d+)-(\d+)\//.exec(range) ?? [];
  return Number(last) - Number(first) + 1;
}
