import { mkdtemp, readdir, rm, statfs, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { createMember, createTeam } from '../../support/factories.ts';
import { openUploadSite, TusClient, type UploadSite } from '../../support/uploads.ts';

const oneDayMs = 86_400_000;

onEachDatabase('Room for uploads', (db) => {
  let dataDir: string;
  let clock: TestClock;
  let site: UploadSite;
  let maja: TusClient;
  let ben: TusClient;

  beforeEach(async () => {
    dataDir = await mkdtemp(path.join(tmpdir(), 'castdeck-room-'));
    clock = createTestClock();
    const uploadLimits = { ofPerson: 2, ofTeam: 3 };
    site = await openUploadSite({ db: db(), dataDir, clock, maxBytes: Number.MAX_SAFE_INTEGER, uploadLimits });
    const team = await createTeam(db(), { name: 'Hazel & Rye' });
    const client = async (name: string): Promise<TusClient> =>
      new TusClient(site, await site.web.signIn(await createMember(db(), { team, role: 'editor', name })), team.id);
    [maja, ben] = [await client('Maja'), await client('Ben')];
  });

  afterEach(async () => {
    await site.stop();
    await rm(dataDir, { recursive: true });
  });

  const kept = async (): Promise<readonly number[]> => [
    (await readdir(site.uploads.folder)).length,
    (await db().knex('uploads').select('id')).length,
  ];

  it('ends at a number of unfinished ones of a person, and of a team, and says which and what to do', async () => {
    const first = await maja.begin(1000);
    await maja.begin(1000);
    const third = await maja.create(1000);
    expect(third.status).to.equal(429);
    expect(third.text)
      .to.include('You have 2 unfinished uploads')
      .and.include('discard them on the Files page')
      .and.include('removed after 7 days');
    const bens = await ben.begin(1000);
    const ofTeam = await ben.create(1000);
    expect([ofTeam.status, ofTeam.text.includes('This team has 3 unfinished uploads')]).to.deep.equal([429, true]);
    expect(await kept(), 'nothing is left of those that were not begun').to.deep.equal([3, 3]);

    await maja.remove(first);
    expect((await ben.create(1000)).status).to.equal(201);
    expect((await ben.remove(bens)).status).to.equal(204);
  });

  it('is promised to whoever began, for a day since they went on: more than the disk has is refused before a byte', async () => {
    const { bavail, bsize } = await statfs(dataDir);
    const most = Math.floor(bavail * bsize * 0.6);
    expect((await ben.create(most * 2)).status, 'larger than the disk').to.equal(507);
    const id = await maja.begin(most);
    const refused = await ben.create(most);
    expect([refused.status, await kept()]).to.deep.equal([507, [1, 1]]);
    expect(refused.text).to.include('There is no room for this file').and.include('Tell your admin');
    expect(await site.uploads.hasRoomFor(most), 'the form without script asks as well').to.equal(false);

    // What has arrived is on the disk, and not promised once more.
    await truncate(path.join(site.uploads.folder, id), most - 1000);
    expect(await site.uploads.hasRoomFor(most)).to.equal(true);
    await truncate(path.join(site.uploads.folder, id), 0);

    clock.advance(oneDayMs + 1);
    expect(await site.uploads.hasRoomFor(most), 'nobody went on with it since').to.equal(true);
  });

  it('is found out by two that are begun in the same moment', async () => {
    const { bavail, bsize } = await statfs(dataDir);
    const most = Math.floor(bavail * bsize * 0.6);
    const answers = await Promise.all([maja, ben].map((one) => one.create(most)));
    expect(answers.filter(({ status }) => status === 201).length).to.be.lessThan(2);
  });
});
