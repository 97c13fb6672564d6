import { expect } from 'chai';
import { createWorker, type Worker } from '../../../core/queue/worker.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { createEngineWorld, until } from '../../support/engine-world.ts';

onEachDatabase('A worker that stops while its heart beats', (db) => {
  let worker: Worker;
  let letBeat: () => void;
  let beats: number;
  beforeEach(() => (beats = 0));

  /** Its second heartbeat, and each after it, is held. @param patienceMs after which it gives such a one up */
  async function start(patienceMs: number): Promise<void> {
    const held = new Promise<void>((resolve) => (letBeat = resolve));
    const world = await createEngineWorld(db());
    const times = { heartbeatMs: 50 };
    const measureClock = async (): Promise<number> => {
      beats += 1;
      if (beats > 1) await held;
      return 0;
    };
    const timings = {
      ...world.timings,
      get heartbeatMs() {
        return times.heartbeatMs;
      },
    };
    worker = createWorker({ ...world, timings, handlers: [], log: world.log.log, place: null, measureClock });
    await worker.start();
    times.heartbeatMs = patienceMs;
    await until(() => beats === 2, 'its heart beats again');
  }

  const rows = async (): Promise<unknown> => db().knex('workers').select('id');
  /** Whatever has been let go reaches the database. */
  const someQuestions = async (): Promise<void> => {
    for (let n = 0; n < 20; n += 1) await rows();
  };

  it('waits for it, so that the row that it takes away does not come back', async () => {
    await start(600_000);
    let isStopped = false;
    const stopping = worker.stop().then(() => (isStopped = true));
    await someQuestions();
    expect(isStopped, 'while the heart beats').to.equal(false);
    letBeat();
    await stopping;
    await someQuestions();
    expect(await rows()).to.deep.equal([]);
  });

  it('writes no row any more with one that was given up before', async () => {
    await start(10);
    await worker.stop();
    expect(await rows()).to.deep.equal([]);
    letBeat();
    await someQuestions();
    expect(await rows()).to.deep.equal([]);
  });
});
