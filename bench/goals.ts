import { throughput } from './b1-throughput.ts';
import { depth } from './b10-depth.ts';
import { start } from './b11-start.ts';
import { sync } from './b12-sync.ts';
import { lateness } from './b2-lateness.ts';
import { idle } from './b3-idle.ts';
import { growth } from './b4-growth.ts';
import { severalWorkers } from './b5-workers.ts';
import { outgoing } from './b6-outgoing.ts';
import { incoming } from './b7-incoming.ts';
import { page } from './b8-page.ts';
import { rows } from './b9-rows.ts';
import { fiftyChannels } from './fifty-channels.ts';
import type { Goal } from './lib/goal.ts';

export const goals: readonly Goal[] = [
  ...[throughput, lateness, idle, growth, severalWorkers, outgoing, incoming, page, rows, depth, start, sync],
  fiftyChannels,
];
