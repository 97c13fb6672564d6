import { runPanel } from './panel-process.ts';

await runPanel({ name: 'web', web: true });
