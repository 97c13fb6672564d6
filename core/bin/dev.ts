import { runPanel } from './panel-process.ts';

// Run by `tsx watch`: a change of code starts it again, a change of a view shows at once.
await runPanel({ name: 'dev', web: true, worker: true, readsAnew: true });
