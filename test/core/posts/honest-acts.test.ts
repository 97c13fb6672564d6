import { expect } from 'chai';
import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Delivery } from '../../../core/deliveries/delivery.ts';
import { ConflictError, InputError } from '../../../core/errors.ts';
import type { Member, PostDraft } from '../../../core/posts/post.ts';
import { chosenSeed, createDice, type Dice, trialsFrom } from '../../chaos/dice.ts';
import { publicOptions } from '../../plugins/tiktok/support.ts';
import { createMember, nextNumber } from '../../support/factories.ts';
import { type LimitsWorld, openLimitsWorld } from '../../support/limits-world.ts';
import { type MariaDbServer, startMariaDb } from '../../support/mariadb.ts';
import { needs } from '../../support/needs.ts';

const atOnce = 10;
const rounds = Math.ceil(trialsFrom('CHAOS_P15_TRIALS', 40) / atOnce);
/** When an act is done: around the due time, or around the moment at which its upload is opened at TikTok. */
const spans = [
  { after: 'due', from: -30, to: 20 },
  { after: 'due', from: 0, to: 200 },
  { after: 'init', from: 0, to: 0 },
  { after: 'init', from: 1, to: 8 },
  { after: 'init', from: 5, to: 120 },
] as const;

for (const kind of ['SQLite', 'MariaDB'] as const) {
  describe(`Cancelling and editing around the due time, on ${kind}`, function () {
    this.timeout(60_000 + rounds * 10_000);
    const dice = createDice(chosenSeed());
    let server: MariaDbServer | undefined;
    let world: LimitsWorld | undefined;
    if (kind === 'MariaDB') before(needs('mariadbd'));
    before(async () => {
      server = kind === 'MariaDB' ? await startMariaDb() : undefined;
      world = await openLimitsWorld(server === undefined ? {} : { mariadb: server });
    });
    after(async () => {
      await world?.close();
      await server?.stop();
    });

    it(`P15: is honest, judged by what became real (${atOnce * rounds} races, ${atOnce} at once)`, async () => {
      if (world === undefined) throw new Error('There is no world.');
      const desk = await openRaces(world, dice);
      const seen = new Set<string>();
      let published = 0;
      for (let round = 0; round < rounds; round += 1) {
        const races = await Promise.all(desk.channelIds.map((id, n) => desk.prepare(id, n)));
        const ended = await Promise.all(races.map((race) => desk.act(race)));
        published += ended.filter(({ race, refusal }) => race.act === 'edit' || refusal !== undefined).length;
        const expected = published;
        await world.runUntil((n) => n === expected);
        for (const end of ended) seen.add(await desk.judge(end));
      }
      // Otherwise all acts came too early or too late to try anything.
      if (rounds >= 20) expect([...seen], `seed ${dice.seed}`).to.have.members(bothWays);
    });
  });
}

const bothWays = ['cancel acknowledged', 'cancel refused', 'edit acknowledged', 'edit refused'];

interface Race {
  readonly act: 'cancel' | 'edit';
  readonly delivery: Delivery;
  readonly moment: { readonly after: 'due' | 'init'; readonly ms: number };
  /** Told when something is wrong. */
  readonly story: string;
  /** What is published before and after the edit. */
  readonly revisions: readonly [Revision, Revision];
}

interface Revision {
  readonly draft: PostDraft;
  readonly sha256: string;
}

interface Ended {
  readonly race: Race;
  /** Undefined when the person was told that it is done. */
  readonly refusal: unknown;
}

async function openRaces(world: LimitsWorld, dice: Dice) {
  const [panel] = world.panels;
  if (panel === undefined) throw new Error('There is no panel.');
  const { base, services } = panel;
  world.simulator.control.setSwitches({ rate_limits: 'off' });
  const channels = await world.addChannels(atOnce);
  const teamId = channels[0]?.teamId ?? 0;
  const { id, name } = await createMember(base.db, { team: { id: teamId }, role: 'editor' });
  const member: Member = { id, name, teamId, zone: 'Europe/Copenhagen' };
  const place = { world, panel, member };
  const files = [await addVideo(place), await addVideo(place)] as const;
  const { composer } = services.registry.get('tiktok').parts;
  const revision = (channelId: number, [file, at]: readonly [(typeof files)[number], number]): Revision => ({
    sha256: file.sha256,
    draft: {
      ...{ caption: `Cardamom buns, batch ${nextNumber()}`, channelIds: [channelId], mediaIds: [file.id] },
      ...{ captions: new Map(), cover: null },
      typedOptions: new Map([[channelId, composer.fields(publicOptions)]]),
      due: { wall: '2026-11-21T13:00', zone: member.zone, at },
      planned: { date: '', time: '' },
      declarations: new Map([['tiktok', composer.consent([publicOptions]).text]]),
    },
  });
  return {
    channelIds: channels.map((channel) => channel.id),
    async prepare(channelId: number, n: number): Promise<Race> {
      const dueAt = base.clock.now() + 300;
      const revisions = [revision(channelId, [files[0], dueAt]), revision(channelId, [files[1], dueAt])] as const;
      const form = { nonce: randomBytes(16).toString('hex'), bodyHash: 'x' };
      const postId = await services.posts.schedule(member, revisions[0].draft, form);
      const [delivery] = await services.desk.ofPost(teamId, postId);
      if (delivery === undefined) throw new Error('The post has no delivery.');
      const { after, from, to } = spans[n % spans.length] ?? spans[0];
      const moment = { after, ms: dice.between(from, to) };
      const act = n < spans.length ? 'cancel' : 'edit';
      const story = `${act} of delivery ${delivery.id}, ${moment.ms} ms after ${after}, seed ${dice.seed}`;
      return { act, delivery, moment, revisions, story };
    },
    async act(race: Race): Promise<Ended> {
      const { delivery, revisions } = race;
      await comeTo(place, race);
      const edit = { postId: delivery.postId, version: '1', draft: revisions[1].draft, bodyHash: 'y' };
      const done =
        race.act === 'cancel' ? services.desk.cancel(member, teamId, delivery.id) : services.posts.revise(member, edit);
      const refusal = await done.then(
        () => undefined,
        (error: unknown) => error,
      );
      return { race, refusal };
    },
    judge: (ended: Ended) => judge(place, ended),
  };
}

interface Place {
  readonly world: LimitsWorld;
  readonly panel: LimitsWorld['panels'][number];
  readonly member: Member;
}

async function comeTo({ world, panel }: Place, { delivery, moment, revisions }: Race): Promise<void> {
  const { caption } = revisions[0].draft;
  const isOpened = (): boolean => world.simulator.control.publishes().some((publish) => publish.caption === caption);
  while (moment.after === 'init' && !isOpened()) await pause(0);
  const dueMs = moment.after === 'due' ? (delivery.dueAt ?? 0) - panel.base.clock.now() : 0;
  await pause(Math.max(0, dueMs + moment.ms));
}

/** TikTok's ledger against what the person was told. @returns what the act came to */
async function judge({ world, panel, member }: Place, { race, refusal }: Ended): Promise<string> {
  const { act, delivery, revisions } = race;
  const captions = revisions.map(({ draft }) => draft.caption);
  const real = world.simulator.control.posts().filter(({ caption }) => captions.includes(caption));
  const { state, revision } = await panel.services.desk.find(member.teamId, delivery.id);
  const attempts: unknown[] = await panel.base.db
    .knex('attempts')
    .where({ delivery_id: delivery.id })
    .whereNotNull('point_of_no_return_at')
    .select('revision', 'outcome');
  const end = `${act} ${refusal === undefined ? 'acknowledged' : 'refused'}`;
  const what = `${end}: ${race.story}`;
  if (refusal !== undefined) expect(refusal, what).to.satisfy(isHonest);
  if (act === 'cancel' && refusal === undefined) {
    expect({ real, state, attempts }, what).to.deep.equal({ real: [], state: 'cancelled', attempts: [] });
    return end;
  }
  const told = refusal === undefined ? revisions[1] : revisions[0];
  const seen = real.map(({ caption, sha256 }) => ({ caption, sha256 }));
  expect(seen, what).to.deep.equal([{ caption: told.draft.caption, sha256: told.sha256 }]);
  expect(state, what).to.equal('published');
  expect(attempts, what).to.deep.equal([{ revision, outcome: 'published' }]);
  expect(revision, what).to.equal(refusal === undefined ? 2 : 1);
  return end;
}

/** The post moved on, or TikTok could not be asked about the edit in time: either way the person was told no. */
function isHonest(refusal: unknown): boolean {
  if (refusal instanceof ConflictError) return true;
  return refusal instanceof InputError && refusal.message.includes('did not answer in time');
}

async function addVideo({ panel, member }: Place) {
  const { config, db, clock } = panel.base;
  const content = randomBytes(20_000);
  const storedName = `${randomBytes(8).toString('hex')}.mp4`;
  await writeFile(path.join(config.dataDir, 'media', storedName), content);
  const sha256 = createHash('sha256').update(content).digest('hex');
  const [id = 0] = await db.knex('media').insert({
    ...{ team_id: member.teamId, file_name: storedName, stored_name: storedName, kind: 'video', type: 'video/mp4' },
    ...{ bytes: content.length, sha256, width: 360, height: 640, duration_ms: 4_000, frame_rate: 30, codec: 'avc' },
    created_at: clock.now(),
  });
  return { id, sha256 };
}
