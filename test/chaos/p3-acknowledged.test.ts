import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { needs } from '../support/needs.ts';
import { until } from '../support/until.ts';
import { chosenSeed, createDice, trialsFrom } from './dice.ts';
import type { ComposerDesk, Form, Sight } from './forms/desk.ts';
import { FormsWorld } from './forms/world.ts';

const trials = trialsFrom('CHAOS_P3_TRIALS', 30);
/** A process of the web takes longer to start than the database. */
const ofWeb = Math.ceil(trials / 3);
const ofDatabase = trials - ofWeb;

/** A trial that takes longer says so itself: mocha's limit would leave it running beside the end of the world. */
const trialMs = 60_000;

describe('P3, what the member was told', function () {
  this.timeout(60_000 + trials * (trialMs + 1_000));
  before(needs('mariadbd'));
  const dice = createDice(chosenSeed());
  const seen = { scheduled: 0, 'nothing certain': 0 };
  let opened: FormsWorld | undefined;
  let world: FormsWorld;
  /** How long this machine took for each form that was sent in peace, by whom it was sent to. */
  const tookMs = new Map<ComposerDesk, number[]>();

  before(async () => {
    world = opened = await FormsWorld.open();
  });

  after(() => opened?.close());

  it(`P3: holds although the web is killed while the form is sent (${ofWeb} kills)`, async () => {
    for (let trial = 1; trial <= ofWeb; trial += 1) {
      const what = `web killed, seed ${dice.seed}, trial ${trial}`;
      const death = { kill: () => world.killWeb(), restart: () => world.startWeb() };
      await inTime(what, expectToHold(world.deskOfProcess, what, death));
    }
  });

  it(`P3: holds although MariaDB is killed while the form is sent (${ofDatabase} kills)`, async () => {
    for (let trial = 1; trial <= ofDatabase; trial += 1) {
      const what = `database killed, seed ${dice.seed}, trial ${trial}`;
      const death = { kill: () => world.server.kill9(), restart: () => world.server.restart() };
      await inTime(what, expectToHold(world.desk, what, death));
    }
    // Otherwise the deaths came too early or too late to try anything.
    if (trials >= 30)
      expect(
        Object.values(seen).every((times) => times > 0),
        JSON.stringify(seen),
      ).to.equal(true);
  });

  /** @throws an error that names the trial: whatever went wrong in it, or that it did not end */
  async function inTime(what: string, trial: Promise<void>): Promise<void> {
    const late = pause(trialMs, 'late' as const, { ref: false });
    const told = trial.catch((error: unknown) => {
      throw new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    });
    if ((await Promise.race([told, late])) === 'late') throw new Error(`${what}: it did not end within ${trialMs} ms.`);
  }

  interface Death {
    readonly kill: () => Promise<void>;
    readonly restart: () => Promise<void>;
  }

  async function expectToHold(desk: ComposerDesk, what: string, { kill, restart }: Death): Promise<void> {
    await world.forgetCalls();
    const form = desk.newForm();
    const nonce = form.get('nonce') ?? '';
    // Before it is answered or after, on a quick machine as on a slow one.
    const deathMs = (dice.between(0, 1_000) / 1_000) * 2 * (await usualMsOf(desk));
    const [sight] = await Promise.all([desk.submit(form), pause(deathMs).then(kill)]);
    await restart();
    seen[sight.saw] += 1;
    const stored = await storedOf(nonce);
    const whole = { deliveries: world.deliveriesOfAPost, jobs: world.deliveriesOfAPost };
    if (sight.saw === 'scheduled') expect(stored, what).to.deep.equal({ postId: sight.postId, ...whole });
    if (stored !== undefined) expect(stored, what).to.include(whole);

    // Whoever is not sure sends the form once more, and whoever is sure may do so, too.
    const again = await sendUntilScheduled(desk, form);
    if (stored !== undefined) expect(again, what).to.deep.include({ postId: stored.postId });
    expect(await storedOf(nonce), what).to.include(whole);
  }

  async function storedOf(nonce: string) {
    let stored: Awaited<ReturnType<FormsWorld['storedOf']>>;
    // Connections that died with the server are noticed when they are used.
    const isAnswered = async (): Promise<boolean> => {
      try {
        stored = await world.storedOf(nonce);
        return true;
      } catch (error) {
        if (error instanceof Error && 'code' in error) return false;
        throw error;
      }
    };
    await until(isAnswered, 'the database answers');
    return stored;
  }

  async function sendUntilScheduled(desk: ComposerDesk, form: Form): Promise<Sight> {
    let sight: Sight = { saw: 'nothing certain' };
    await until(async () => {
      const begun = performance.now();
      sight = await desk.submit(form);
      if (sight.saw !== 'scheduled') return false;
      tookMs.set(desk, [...(tookMs.get(desk) ?? []), performance.now() - begun]);
      return true;
    }, 'the form is answered');
    return sight;
  }

  async function usualMsOf(desk: ComposerDesk): Promise<number> {
    if (!tookMs.has(desk)) await sendUntilScheduled(desk, desk.newForm());
    const times = [...(tookMs.get(desk) ?? [])].sort((a, b) => a - b);
    return times[Math.floor(times.length / 2)] ?? 0;
  }
});
