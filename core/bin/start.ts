import { runPanel } from './panel-process.ts';

await runPanel({ name: 'start', web: true, worker: true });
