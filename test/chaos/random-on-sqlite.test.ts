import { describeRandomTrials } from './random/random-trials.ts';

describeRandomTrials('sqlite', () => undefined);
