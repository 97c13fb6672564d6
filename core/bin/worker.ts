import { runPanel } from './panel-process.ts';

await runPanel({ name: 'worker', worker: true });
