import { throughput } from './b1-throughput.ts';
import type { Goal } from './lib/goal.ts';

export const goals: readonly Goal[] = [throughput];
