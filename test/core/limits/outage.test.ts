import { expect } from 'chai';
import { z } from 'zod';
import { signIn } from '../../../bench/lib/visitor.ts';
import { createPasswords } from '../../../core/auth/passwords.ts';
import { publishJobKind } from '../../../core/deliveries/publishing-context.ts';
import type { Panel } from '../../../core/panel.ts';
import { createMember } from '../../support/factories.ts';
import { givenTime } from '../../support/given-time.ts';
import { type LimitsWorld, openLimitsWorld } from '../../support/limits-world.ts';
import { trialsFrom } from '../../chaos/dice.ts';

const second = 1_000;
const outageMs = 600 * second;
const posts = 500;
/** What a busy machine adds to a page; one that waits for TikTok takes seconds. */
const noiseMs = 250;
const trials = trialsFrom('CHAOS_P12_TRIALS', 1);

describe('TikTok is down', () => {
  let world: LimitsWorld | undefined;
  beforeEach(async function () {
    this.timeout(120_000);
    world = await openLimitsWorld({});
    // What a power cut would lose is not looked at here.
    await panelOf(world).base.db.knex.raw('pragma synchronous = off');
  });
  afterEach(() => world?.close());

  for (let trial = 1; trial <= trials; trial += 1) {
    it(`P12: is asked once in half a minute, pages stay quick, and nothing stampedes when it is back (${posts} posts, 10 minutes, ${trial} of ${trials})`, async function () {
      this.timeout(900_000);
      if (world === undefined) throw new Error('There is no world.');
      const { control } = world.simulator;
      const channels = await world.addChannels(125);
      const member = await becomeMember(panelOf(world), channels[0]);
      const readSettings = statementsAbout(panelOf(world), 'plugin_settings');
      await visits(member, 1);
      expect(readSettings() / member.paths.length, 'times a page of 125 channels reads settings').to.be.below(2.5);

      control.setSwitches({ rate_limits: 'off', failures: [{ endpoint: '*', kind: 'hang', times: 1e9 }] });
      const silent = await visits(member, 1);
      expect(most(silent.map(({ ms }) => ms)), 'a page that waits for TikTok, ms').to.be.at.least(4_500);
      expect(most(silent.map(({ givenMs }) => givenMs)), 'and no longer than once, ms').to.be.at.most(7_500);

      const before = control.requests().length;
      const begun = control.now();
      control.setSwitches({ clear_failures: true, failures: [{ endpoint: '*', kind: 'server-error', times: 1e9 }] });
      await world.schedule(channels, posts, outageMs);
      const wonPlaces = statementsAbout(panelOf(world), 'update `call_windows`');
      await world.runUntil(() => control.now() > begun + outageMs, 2 * second);
      const asked = control.requests().slice(before);
      expect(wonPlaces(), 'places in windows of calls, some by those under way when the breaker opened').to.be.at.most(
        2 * asked.length,
      );
      expect(await claimsOf(world), 'times a delivery is looked at in vain').to.be.at.most(7 * posts);
      expectFewCalls(asked.map(({ at }) => at));
      expect(panelOf(world).base.calls.breakers.states()[0]).to.include({ state: 'open' });
      expect(await failuresOf(world), 'deliveries to which a try was counted').to.be.at.most(asked.length);

      const visitedAt = control.now();
      const inOutage = await slowestPage(member);
      const probes = 1 + Math.floor((control.now() - visitedAt) / (30 * second));
      expect(control.requests().length - before - asked.length, 'what pages ask').to.be.at.most(probes);

      const back = control.now();
      control.setSwitches({ clear_failures: true });
      const openings = () =>
        control.requests().flatMap(({ at, endpoint }) => (at >= back && endpoint === 'video/init' ? [at] : []));
      await world.runUntil(() => openings().length >= posts);
      expect(mostIn(second, openings()), 'openings in one second').to.be.at.most(posts / 10);
      expect(control.publishes()).to.have.lengthOf(posts);

      const usual = await slowestPage(member);
      expect(inOutage, `the slowest page, ms; usually ${usual}`).to.be.at.most(2 * Math.max(noiseMs, usual));
      report({ trial, usual, silent: most(silent.map(({ ms }) => ms)), inOutage, asked: asked.length });
    });
  }
});

function panelOf({ panels: [panel] }: LimitsWorld): Panel {
  if (panel === undefined) throw new Error('There is no panel.');
  return panel;
}

/** The first until the breaker opens, then probes. */
function expectFewCalls(asked: readonly number[]): void {
  const firstProbe = asked.findIndex((at, n) => n > 0 && at - (asked[n - 1] ?? 0) >= 29 * second);
  expect(firstProbe, 'calls until the breaker opens').to.be.within(1, 20);
  const probes = asked.slice(firstProbe);
  expect(probes.length).to.be.within(10, 20);
  expect(Math.min(...probes.slice(1).map((at, n) => at - (probes[n] ?? 0)))).to.be.at.least(30 * second);
}

interface Member {
  readonly url: string;
  readonly cookie: string;
  readonly paths: readonly string[];
}

/** A member who is an admin, too, and sees every kind of page. */
async function becomeMember(panel: Panel, place: { id: number; teamId: number } | undefined): Promise<Member> {
  if (place === undefined) throw new Error('There is no channel.');
  const team = `/team/${place.teamId}`;
  const who = { email: 'olga@example.org', password: 'agloo-quiet-harbour-77' };
  const passwordHash = await createPasswords().hash(who.password);
  const facts = { team: { id: place.teamId }, role: 'owner', isAdmin: true, name: 'Olga', email: who.email } as const;
  await createMember(panel.base.db, { ...facts, passwordHash });
  const { url } = await panel.listen();
  const { cookie } = await signIn(url, `${team}/`, who);
  // What a profile allows is asked by the composer's page once it stands.
  const composer = ['/posts/new', `/posts/options?channel=${place.id}`, '/calendar'];
  const inTeam = ['/', '/posts', ...composer, '/channels', '/attention', '/members'];
  const paths = [...inTeam.map((path) => team + path), '/account', '/admin/jobs', '/admin/api-integration/tiktok'];
  return { url, cookie, paths };
}

/** @returns how many statements that hold this were made since */
function statementsAbout({ base }: Panel, part: string): () => number {
  let made = 0;
  base.db.knex.on('query', ({ sql }: { readonly sql: string }) => void (made += sql.includes(part) ? 1 : 0));
  return () => made;
}

interface Visited {
  readonly path: string;
  readonly ms: number;
  /** Without the moments in which the machine did something else. */
  readonly givenMs: number;
}

/** One after the other within a round. */
async function visits({ url, cookie, paths }: Member, rounds = 6): Promise<readonly Visited[]> {
  const visited: Visited[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const path of paths) {
      const begunAt = performance.now();
      const givenMs = await givenTime(async () => {
        const answer = await fetch(url + path, { headers: { cookie }, redirect: 'manual' });
        await answer.text();
        expect(answer.status, path).to.equal(200);
      });
      visited.push({ path, ms: performance.now() - begunAt, givenMs });
    }
  }
  return visited;
}

/**
 * How long the slowest page usually takes, ms. Measured anew where something else kept the machine busy: a page that
 * waits for TikTok does so each time.
 */
async function slowestPage(member: Member): Promise<number> {
  let slowest = Infinity;
  for (let take = 0; take < 3 && slowest > 2 * noiseMs; take += 1) {
    const visited = await visits(member);
    const ofPath = (path: string) => visited.flatMap((visit) => (visit.path === path ? [visit.ms] : []));
    slowest = Math.min(slowest, most(member.paths.map((path) => median(ofPath(path)))));
  }
  return slowest;
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Infinity;
}

function most(times: readonly number[]): number {
  return Math.max(...times);
}

function mostIn(ms: number, times: readonly number[]): number {
  return Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + ms).length));
}

async function claimsOf(world: LimitsWorld): Promise<number> {
  const rows: unknown = await panelOf(world).base.db.knex('jobs').where({ kind: publishJobKind }).sum({ n: 'fence' });
  return z.tuple([z.object({ n: z.coerce.number() })]).parse(rows)[0].n;
}

async function failuresOf(world: LimitsWorld): Promise<number> {
  const rows = await panelOf(world).base.db.knex('jobs').where('failures', '>', 0).select('failures');
  return rows.length;
}

/** For the runs by hand, whose results are written down. */
function report(facts: Readonly<Record<string, number>>): void {
  const words = Object.entries(facts).map(([name, value]) => `${name} ${Math.round(value)}`);
  if (trials > 1) process.stdout.write(`      ${words.join(', ')}\n`);
}
