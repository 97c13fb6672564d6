import { expect } from 'chai';
import { onEachDatabase } from '../support/each-database.ts';
import { trialsFrom } from './dice.ts';
import { crashPoints, fateNames, photoFates, photoPoints } from './matrix/crash-points.ts';
import { MatrixStage, type Outcome, type Trial } from './matrix/stage.ts';

/** 16 points × 8 fates × one piece and three. */
const trials = crashPoints.flatMap((point) =>
  fateNames.flatMap((fate) => ([1, 3] as const).map((pieces) => ({ point: inFile(point, pieces), fate, pieces }))),
);

/** 9 points × 4 fates. */
const photoTrials: readonly Trial[] = [...photoPoints.known, ...photoPoints.unknown].flatMap((point) =>
  photoFates.map((fate) => ({ point, fate, pieces: 'photos' })),
);

/** Every n-th trial, so that each point, each fate and both sizes are among them. */
function spread(every: number): readonly Trial[] {
  return trials.filter((_trial, at) => (Math.floor(at / 16) + (Math.floor(at / 2) % 8) + 2 * (at % 2)) % every === 0);
}

/** A file of one piece has only the last. */
function inFile(point: Trial['point'], pieces: 1 | 3): Trial['point'] {
  if (pieces === 3) return point;
  if (point === 'chunk sent') return 'last chunk sent';
  return point === 'chunk answer' ? 'last answer' : point;
}

/** dup, lost, phantom, stuck and needs-attention of P1 and P2, or what else is not as it should be. */
function badIn({ hasCrashed, state, posts, isWhole }: Outcome): string | undefined {
  if (!hasCrashed) return 'never came to its crash';
  if (posts > 1) return 'dup';
  if (state === 'published') return posts === 0 ? 'lost' : isWhole ? undefined : 'corrupt';
  if (state === 'failed' && posts > 0) return 'phantom';
  return ['failed', 'needs-attention'].includes(state) ? state : 'stuck';
}

onEachDatabase('P1 and P2, a worker that dies at one of 16 points while one of 8 fates strikes', (db) => {
  let stage: MatrixStage;

  beforeEach(async () => {
    stage = await MatrixStage.open(db());
  });

  afterEach(() => stage.close());

  it('leave one post and the delivery published (256 trials on SQLite, every fourth on MariaDB)', async function () {
    this.timeout(600_000);
    const chosen = db().kind === 'sqlite' ? trials : spread(trialsFrom('CHAOS_EVERY', 4));
    const bad: string[] = [];
    for (const trial of chosen) {
      const outcome = await stage.run(trial);
      const what = badIn(outcome);
      if (what !== undefined) bad.push(`${what}: ${JSON.stringify({ ...trial, ...outcome })}`);
    }
    expect(bad.join('\n')).to.equal('');
  });

  it('leave photos posted once and published, or to a person where the call that posts them was not heard (36 trials on SQLite, 9 on MariaDB)', async function () {
    this.timeout(300_000);
    const chosen = photoTrials.filter((_trial, at) => db().kind === 'sqlite' || at % 4 === Math.floor(at / 4) % 4);
    const ends: Record<string, readonly string[]> = {};
    for (const trial of chosen) {
      const { hasCrashed, state, code, posts } = await stage.run(trial);
      const isOnce = state === 'published' ? posts === 1 : posts <= 1;
      const end = `${state} ${code ?? ''}${isOnce ? '' : `, ${posts} posts`}${hasCrashed ? '' : ', never crashed'}`;
      ends[end] = [...new Set([...(ends[end] ?? []), trial.point])];
    }
    const { known, unknown } = photoPoints;
    expect(ends).to.deep.equal({ 'published no_public_link': known, 'needs-attention outcome_unknown': unknown });
  });
});
