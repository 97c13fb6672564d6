import { needs } from '../support/needs.ts';
import { describeRandomTrials } from './random/random-trials.ts';

describeRandomTrials('mariadb', needs('mariadbd'));
