import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { connectDatabase } from '../../core/db/connect.ts';
import type { Database } from '../../core/db/database.ts';
import { coreMigrations, migrateToLatest } from '../../core/db/migrate.ts';
import type { Worker } from '../../core/queue/worker.ts';
import { type Bundle, bundle } from './bundle.ts';
import { createRunningClock } from './clock.ts';
import { createEngineWorld, type EngineWorld, makeWorker, quickTimings, schedule } from './engine-world.ts';

/** What a process did to a post, in its own words. */
const line = z.object({ id: z.number(), what: z.string(), pid: z.number(), at: z.number() });

interface ProcessFacts {
  readonly leaseMs: number;
  /** How often it looks for leases that ended and for other workers. */
  readonly rescueMs?: number;
  readonly slots?: number;
  readonly budgetMs?: number;
  /** After standing still for so long it is ended; 0 = it is not. */
  readonly watchdogMs?: number;
  /** That it says to be on, if another than this one. */
  readonly machine?: string;
}

export const bundleOfDeadlyProcess = (): Promise<Bundle> => bundle(path.join(import.meta.dirname, 'deadly-process.ts'));

/** One database and the worker processes on it, whose posts say what becomes of them. */
export class DeadlyWorld {
  readonly db: Database;
  readonly clock = { ...createRunningClock(), set: () => undefined };
  readonly #engine: EngineWorld;
  readonly #folder: string;
  readonly #made: Bundle;
  readonly #children = new Set<ChildProcess>();

  private constructor(own: { readonly db: Database; engine: EngineWorld; folder: string; made: Bundle }) {
    this.db = own.db;
    this.#engine = own.engine;
    this.#folder = own.folder;
    this.#made = own.made;
  }

  /** @param leaseMs of the workers in this process */
  static async open(made: Bundle, leaseMs: number): Promise<DeadlyWorld> {
    const folder = mkdtempSync(path.join(tmpdir(), 'castdeck-deaths-'));
    const db = await connectDatabase({ kind: 'sqlite', file: path.join(folder, 'db.sqlite') });
    await migrateToLatest(db, [coreMigrations]);
    const times = { leaseMs, heartbeatMs: leaseMs / 4, idlePollMs: 40, rescueMs: 80 };
    const clock = { ...createRunningClock(), set: () => undefined };
    return new DeadlyWorld({
      db,
      engine: await createEngineWorld(db, { ...quickTimings, ...times }, clock),
      folder,
      made,
    });
  }

  async close(): Promise<void> {
    this.killAll();
    await this.db.close();
    rmSync(this.#folder, { recursive: true });
  }

  /** Works, or is over already. */
  async startProcess(facts: ProcessFacts): Promise<ChildProcess> {
    const place = { file: path.join(this.#folder, 'db.sqlite'), ledger: this.#ledgerFile };
    const usual = { rescueMs: 80, slots: 4, budgetMs: 60_000, watchdogMs: 0 };
    const args = [JSON.stringify({ ...usual, ...place, ...facts })];
    const stdio = ['ignore', 'ignore', 'ignore', 'ipc'] as const;
    const child = this.#made.start({ args, flags: ['--max-old-space-size=64'], stdio: [...stdio] });
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    await Promise.race([once(child, 'message'), once(child, 'exit')]);
    return child;
  }

  killAll(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    this.#children.clear();
  }

  async scheduleMany(fates: readonly string[], dueAt = this.clock.now()): Promise<readonly number[]> {
    const ids: number[] = [];
    for (const options of fates) {
      ids.push((await schedule(this.#engine, { options, inMs: dueAt - this.clock.now() })).id);
    }
    return ids;
  }

  /** In this process: whatever it is handed is published. */
  async takeOver(): Promise<Worker> {
    this.#engine.network.advance = ({ id }) => {
      const entry = { id, what: 'real', pid: process.pid, at: this.clock.now() };
      appendFileSync(this.#ledgerFile, `${JSON.stringify(entry)}\n`);
      return { kind: 'published', remoteIds: [`v-${id}`] };
    };
    const worker = makeWorker(this.#engine);
    await worker.start();
    return worker;
  }

  /** Whole lines only: the last one may just be being written. */
  ledger(): readonly z.output<typeof line>[] {
    if (!existsSync(this.#ledgerFile)) return [];
    const lines = readFileSync(this.#ledgerFile, 'utf8').split('\n').slice(0, -1);
    return lines.map((text) => line.parse(JSON.parse(text)));
  }

  countOf(id: number, what: string): number {
    return this.ledger().filter((entry) => entry.id === id && entry.what === what).length;
  }

  async statesOf(ids: readonly number[]): Promise<readonly unknown[]> {
    const rows: unknown = await this.db.knex('deliveries').whereIn('id', ids).distinct('state', 'outcome_code');
    return z.array(z.unknown()).parse(rows);
  }

  /** The most claims of one of them whose holder has not come back: the one that works on it, and each that died. */
  async claimsOf(ids: readonly number[]): Promise<number> {
    const rows: unknown = await this.db.knex('jobs').whereIn('key', ids.map(String)).max({ n: 'deaths' });
    return z.tuple([z.object({ n: z.number() })]).parse(rows)[0].n;
  }

  /** Until when each is held, by the id of its delivery, UTC ms: none that a neighbour, dead a moment later, gave back. */
  async leasesOf(ids: readonly number[]): Promise<ReadonlyMap<number, number>> {
    const rows: unknown = await this.db.knex('jobs').whereIn('key', ids.map(String)).select('key', 'lease_until');
    const read = z.array(z.object({ key: z.coerce.number(), lease_until: z.number().nullable() })).parse(rows);
    return new Map(read.flatMap(({ key, lease_until: until }) => (until === null ? [] : [[key, until]])));
  }

  async areEnded(): Promise<boolean> {
    const live = ['scheduled', 'publishing', 'processing'];
    return (await this.db.knex('deliveries').whereIn('state', live).limit(1)).length === 0;
  }

  get #ledgerFile(): string {
    return path.join(this.#folder, 'ledger');
  }
}
