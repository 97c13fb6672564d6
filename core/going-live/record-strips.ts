import { inEnglish } from '../language/deferred-text.ts';
import { address } from './going-live-model.ts';
import type { GoingLiveService } from './going-live-service.ts';
import type { GoingLiveStore } from './going-live-store.ts';
import { stripAt, type Recording } from './record-mode.ts';

interface StripParts {
  readonly goingLive: GoingLiveService;
  readonly store: Pick<GoingLiveStore, 'stage'>;
}

interface Asked {
  readonly recording: Recording;
  readonly personId: number;
  readonly path: string;
}

/** The strip of one page, in English words. Undefined for a network that is not installed any more. */
export function createRecordStrips({ goingLive, store }: StripParts) {
  return async ({ recording, personId, path }: Asked) => {
    const { plugin: pluginId, until } = recording;
    if (!goingLive.networks().some(({ id }) => id === pluginId)) return undefined;
    const { part, facts } = await goingLive.of(pluginId);
    const stage = await store.stage({ id: personId, teamId: teamIn(path) }, pluginId);
    const { scene, next, count } = stripAt({ path, until }, part.scenes(facts), stage);
    return {
      count,
      scene: scene && {
        n: scene.n,
        title: inEnglish(scene.title),
        points: scene.points.map(({ shows, demands, name, say }) => ({
          shows: [...shows, ...demands],
          name: inEnglish(name),
          say: inEnglish(say),
        })),
      },
      next: next && { title: inEnglish(next.title), href: next.href },
      stopPath: `${address}/${pluginId}/recording/end`,
    };
  };
}

/** A film stays in the team it began in. */
function teamIn(path: string): number | undefined {
  const [, id] = /^\/team\/(\d{1,15})\//.exec(path) ?? [];
  return id === undefined ? undefined : Number(id);
}
