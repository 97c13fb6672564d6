import { expect } from 'chai';
import type { ChannelOverview, ChannelVideo } from '#plugin-api';
import { PersonStore } from '../../../core/auth/person-store.ts';
import type { Role } from '../../../core/auth/permissions.ts';
import type { Channel } from '../../../core/channels/channel.ts';
import { createMailPages } from '../../../core/mail/mail-pages.ts';
import type { Mail, Mailer } from '../../../core/mail/mailer.ts';
import { projectRoot } from '../../../core/project-root.ts';
import { TeamStore } from '../../../core/teams/team-store.ts';
import { loadTexts } from '../../../core/web/texts.ts';
import { createWeeklyChoices } from '../../../core/weekly/weekly-choices.ts';
import { weeklyLetterHandler } from '../../../core/weekly/weekly-letter.ts';
import { puttingWeeklyLetters } from '../../../core/weekly/weekly-work.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { claim, createEngineWorld, type EngineWorld, makeWorker, until } from '../../support/engine-world.ts';
import { createMember } from '../../support/factories.ts';

const day = 86_400_000;
const monday = Date.UTC(2026, 10, 23, 7);
const publicUrl = 'https://panel.example.org';
const config = { mail: {} };
const texts = loadTexts({
  folders: [`${projectRoot}/core/locales`],
  onMissing: (key) => {
    throw new Error(`There is no text for ${key}.`);
  },
});

const overview: ChannelOverview = {
  followers: { value: 12_345, change: -20 },
  likes: { value: null, change: null },
  videos: { value: 90, change: 2 },
  published: { videos: 2, views: 900, likes: 1, comments: 0, shares: 0 },
  readAt: monday - 3_600_000,
  notes: [],
};

onEachDatabase('The mail about each week', (db) => {
  let world: EngineWorld;
  let mails: Mail[];
  let told: ReadonlyMap<number, ChannelOverview | 'failed'>;
  let best: readonly ChannelVideo[];
  const counts = { posts: 0, channels: 0, approvals: 0 };
  const mailer: Mailer = { send: (mail) => Promise.resolve(void mails.push(mail)) };

  beforeEach(async () => {
    world = await createEngineWorld(db());
    mails = [];
    told = new Map([[7, overview]]);
    best = [];
    Object.assign(counts, { posts: 0, channels: 0, approvals: 0 });
  });

  const work = (sendsMail = true) => puttingWeeklyLetters({ ...world, config: sendsMail ? config : {} });
  const letters = (given: Mailer | undefined = mailer) =>
    weeklyLetterHandler({
      ...{ db: db(), clock: world.clock, timings: world.timings, log: world.log.log, mailer: given },
      ...{ people: new PersonStore(db().knex), teamStore: new TeamStore(db().knex), pages: createMailPages() },
      ...{ texts, siteLanguage: () => 'en' as const, siteName: () => 'Castdeck', publicUrl },
      channels: { list: () => Promise.resolve([channelOf(world)]) },
      overviews: { load: () => Promise.resolve(told), best: () => Promise.resolve(best) },
      attention: { counts: () => Promise.resolve(counts) },
      approvals: { count: () => Promise.resolve(counts.approvals) },
    });
  const put = async (): Promise<void> => {
    if (await work().isDue()) await work().run(new AbortController().signal);
  };
  /** What a worker does now. */
  const send = async (): Promise<void> => {
    await put();
    for (const job of await claim(world)) {
      await letters().run(job);
      await world.queue.remove(job.kind, job.key);
    }
  };
  const choices = () => createWeeklyChoices({ db: db(), clock: world.clock, config });
  const join = async (role: Role, name = 'Maja Lind') => {
    const person = await createMember(db(), { team: { id: world.teamId }, role, name });
    await choices().save(person.id, [String(world.teamId)]);
    return person;
  };
  const jobs = (): Promise<unknown[]> => db().knex('jobs').where({ kind: 'mail-weekly' });

  it('S43: is one mail for each week, however many workers look and send', async () => {
    const person = await join('editor');
    world.clock.set(monday);
    await Promise.all(Array.from({ length: 5 }, () => work().run(new AbortController().signal)));
    expect(await jobs()).to.have.length(1);
    const workers = Array.from({ length: 3 }, () => makeWorker(world, [letters()]));
    await Promise.all(workers.map((worker) => worker.start()));
    await until(
      async () => (await db().knex('jobs').whereNotIn('state', ['waiting', 'running'])).length > 0,
      'the letter is sent',
    );
    await Promise.all(workers.map((worker) => worker.stop()));
    await send();
    expect(mails.map(({ to }) => to.address)).to.deep.equal([person.email]);
  });

  it('comes on Monday at 08:00 of the team and a week later, to nobody who has not turned it on', async () => {
    await createMember(db(), { team: { id: world.teamId }, role: 'owner' });
    await join('viewer');
    world.clock.set(monday - 1);
    await send();
    expect(mails).to.deep.equal([]);
    world.clock.set(monday);
    await send();
    await send();
    expect(mails).to.have.length(1);
    world.clock.set(monday + 7 * day - 1);
    await send();
    expect(mails).to.have.length(1);
    world.clock.set(monday + 7 * day + 1);
    await send();
    expect(new Set(mails.map(({ id }) => id)).size).to.equal(2);
  });

  it('is sent again with the same id where the worker died while it sent, and left out when it is a day late', async () => {
    await join('viewer');
    world.clock.set(monday);
    await put();
    const [job] = await claim(world);
    if (job === undefined) throw new Error('There is no letter.');
    await letters().run(job);
    await letters().run(job);
    expect(new Set(mails.map(({ id }) => id)).size).to.equal(1);
    mails = [];
    world.clock.set(monday + day + 1);
    await letters().run(job);
    world.clock.set(monday + 8 * day + 1);
    await send();
    expect(mails, 'nothing ran on that Monday').to.deep.equal([]);
    world.clock.set(monday + 14 * day);
    await send();
    expect(mails).to.have.length(1);
  });

  it('ends with the membership, with the person, and with the wish for it, also when it waits already', async () => {
    const [maja, ida] = [await join('viewer'), await join('editor', 'Ida Holm')];
    world.clock.set(monday);
    await put();
    expect(await jobs()).to.have.length(2);
    await choices().stop({ userId: maja.id, teamId: world.teamId });
    await db().knex('members').where({ user_id: ida.id }).delete();
    await send();
    world.clock.set(monday + 7 * day);
    await send();
    expect(mails).to.deep.equal([]);
    expect(await db().knex('weekly_mails')).to.deep.equal([]);
  });

  it('is never made where no mail is sent', async () => {
    await join('viewer');
    world.clock.set(monday);
    expect(await work(false).isDue()).to.equal(false);
  });

  it('tells what is known, and says of the rest that it is not, in the language of the person', async () => {
    const malee = await join('manager', 'Malee Srisuk');
    Object.assign(counts, { posts: 2, channels: 1, approvals: 3 });
    best = [videoOf({ caption: 'Rye & <butter>', views: 1_500 }), videoOf({ caption: '', views: null })];
    world.clock.set(monday);
    await send();
    const [mail] = mails;
    for (const words of [
      ...['Hello Malee Srisuk,', '12,345 followers (-20 in 7 days)', '2 videos published', '1. Rye & <butter>'],
      ...['1,500 views', 'No caption', 'views not known', '2 posts failed or wait', '3 posts wait for your approval'],
      ...['1 channel must be reconnected', `${publicUrl}/account/weekly/${world.teamId}`],
    ]) {
      expect(mail?.text, words).to.contain(words);
    }
    expect(mail?.html).to.contain('Rye &amp; &lt;butter&gt;');
    expect(mail?.unsubscribeUrl).to.equal(`${publicUrl}/account/weekly/${world.teamId}`);
    await db().knex('users').where({ id: malee.id }).update({ language: 'th' });
    const unknown = { value: null, change: null };
    told = new Map([[7, { ...overview, followers: unknown, published: null, readAt: monday - 3 * day }]]);
    best = [];
    world.clock.set(monday + 7 * day);
    await send();
    expect(mails[1]?.html).to.contain('<html lang="th">');
    expect(mails[1]?.text).to.contain('ผู้ติดตาม: ไม่ทราบ').and.to.contain('วิดีโอที่เผยแพร่: ไม่ทราบ');
    expect(mails[1]?.text).to.contain('20 พฤศจิกายน').and.to.not.match(/ 0 /);
    expect(JSON.stringify(mails)).to.not.match(/weekly:|undefined|[\uFDD0-\uFDD4]/);
  });

  it('tells a viewer nothing that only others can decide, and that numbers could not be read', async () => {
    await join('viewer');
    Object.assign(counts, { posts: 2, channels: 1, approvals: 3 });
    told = new Map([[7, 'failed']]);
    world.clock.set(monday);
    await send();
    expect(mails[0]?.text).to.contain('Its numbers could not be read').and.to.contain('None is known.');
    expect(mails[0]?.text).to.not.match(/What needs you|approval|published/);
  });
});

function channelOf({ teamId }: EngineWorld): Channel {
  return {
    ...{ id: 7, teamId, zone: 'Europe/Copenhagen', plugin: 'fake', credentialId: 1, accountId: 'a', unionId: null },
    ...{ nickname: 'North Roast', username: null, avatar: null, state: 'connected', isPaused: false, mode: 'live' },
    ...{ appKey: 'app', scopes: [], connectedBy: null, connectedAt: 0, disconnectedAt: null },
  };
}

function videoOf(facts: Pick<ChannelVideo, 'caption' | 'views'>): ChannelVideo {
  return {
    ...{ channelId: 7, remoteId: '7301234567890000001', publishedAt: monday - day, likes: 0, comments: 0, shares: 0 },
    ...{ engagement: null, cover: '/c', href: '/team/1/channels/7/videos/7301234567890000001', timesUsual: null },
    ...facts,
  };
}
