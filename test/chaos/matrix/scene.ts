import type { MediaView, Step } from '#plugin-api';
import type { Simulator } from '../../../plugins/tiktok/simulator/index.ts';
import type { EngineWorld } from '../../support/engine-world.ts';

/** How far the delivery of a trial is, by its rows. */
export interface Standing {
  readonly state: string;
  readonly stage: string;
  readonly reference: string | null;
  readonly isCommitted: boolean;
}

/** What the processes of a trial share. */
export interface Scene {
  readonly world: EngineWorld;
  readonly simulator: Simulator;
  readonly token: string;
  readonly file: MediaView;
  inSmallPieces(step: Step): Step;
  isFinished(): Promise<boolean>;
  standing(): Promise<Standing>;
}
