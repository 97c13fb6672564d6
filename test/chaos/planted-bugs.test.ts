import { expect } from 'chai';
import type { Database } from '../../core/db/database.ts';
import { openTestDatabase } from '../support/database.ts';
import { CourseRun } from './matrix/course.ts';
import { plantedBugs } from './matrix/planted-bugs.ts';
import { MatrixStage, type Outcome } from './matrix/stage.ts';

/** What P1 counts. */
function badIn({ state, posts }: Outcome): string | undefined {
  if (posts > 1) return 'dup';
  if (state === 'published') return posts === 0 ? 'lost' : undefined;
  return state === 'failed' && posts > 0 ? 'phantom' : `ended as ${state}`;
}

describe('P1, the suite itself', function () {
  this.timeout(180_000);
  let db: Database;
  let stage: MatrixStage;

  before(async () => {
    db = await openTestDatabase();
    stage = await MatrixStage.open(db);
  });

  after(async () => {
    await stage.close();
    await db.close();
  });

  for (const [bug, { course, around, isUnfenced = false, caughtAs }] of Object.entries(plantedBugs)) {
    it(`catches a planted bug: ${bug}`, async () => {
      const outcome = await new CourseRun(stage, { course, around: around(stage), isUnfenced }).run();
      expect(badIn(outcome), JSON.stringify(outcome)).to.equal(caughtAs);
    });

    it(`sees nothing bad in the same course without it: ${bug}`, async () => {
      const outcome = await new CourseRun(stage, { course, around: {}, isUnfenced: false }).run();
      expect(badIn(outcome), JSON.stringify(outcome)).to.equal(undefined);
    });
  }
});
