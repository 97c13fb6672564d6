import { expect } from 'chai';
import { z } from 'zod';
import { openStage, type PublishingStage } from '../plugins/tiktok/publishing.ts';
import { until } from '../support/until.ts';
import { type CutLine, startCutLine } from './cut-line.ts';
import { chosenSeed, createDice, type Dice, trialsFrom } from './dice.ts';

const fileBytes = 95_000_000;
const onePiece = 20_000_000;
/** Each upload dies so often: a file of its own for each death would only take longer. */
const killsPerUpload = 5;
const mostSteps = 60;
const kills = trialsFrom('CHAOS_P10_TRIALS', 10);

/** A publisher, a TikTok, and between them the line over which the file goes. */
interface Scene {
  readonly stage: PublishingStage;
  readonly line: CutLine;
}

describe('P10, uploads whose process is killed', () => {
  const dice = createDice(chosenSeed());

  it(`P10: send less than one piece again and arrive whole (${kills} kills at random bytes of a 95 MB file)`, async function () {
    this.timeout(60_000 + kills * 20_000);
    for (let done = 0; done < kills; done += killsPerUpload) {
      const at = someBytes(dice, Math.min(killsPerUpload, kills - done));
      const scene = await openScene();
      try {
        await expectToBeResumed(scene, at, `seed ${dice.seed}, killed at bytes ${at.join(', ')}`);
      } finally {
        await scene.line.close();
        await scene.stage.close();
      }
    }
  });
});

async function openScene(): Promise<Scene> {
  const stage = await openStage(fileBytes);
  return { stage, line: await startCutLine(Number(new URL(stage.simulator.url).port)) };
}

async function expectToBeResumed(scene: Scene, at: readonly number[], what: string): Promise<void> {
  const resent = await uploadDyingAt(scene, at);
  const posts = scene.stage.posted();
  expect(posts, what).to.have.length(1);
  expect(posts[0], what).to.include({ sha256: scene.stage.file.sha256, bytes: fileBytes });
  for (const [index, bytes] of resent.entries()) {
    expect(bytes, `${what}, sent again after byte ${at[index] ?? 0}`).to.be.within(0, onePiece - 1);
  }
}

function someBytes(dice: Dice, count: number): number[] {
  return Array.from({ length: count }, () => dice.between(1, fileBytes - 1)).sort((a, b) => a - b);
}

/** One upload from its beginning to its end. @returns for each death how many bytes went over the line a second time */
async function uploadDyingAt({ stage, line }: Scene, offsets: readonly number[]): Promise<number[]> {
  const marks: { readonly at: number; readonly passed: number }[] = [];
  for (const at of offsets) {
    line.cutAt(at);
    for (let steps = 0; !line.isCut; steps += 1) {
      if (steps === mostSteps) throw new Error(`Byte ${at} was never sent.`);
      await stepOrDie({ stage, line });
    }
    marks.push({ at, passed: line.passed });
  }
  expect((await stage.finish()).kind).to.equal('published');
  marks.push({ at: fileBytes, passed: line.passed });
  return offsets.map((at, index) => {
    const [before, after] = [marks[index], marks[index + 1]];
    if (before === undefined || after === undefined) throw new Error(`Nobody died at byte ${at}.`);
    return after.passed - before.passed - (after.at - before.at);
  });
}

/** A step during which the line was cut was never stored: its process is dead, and another one knows what the ledger says. */
async function stepOrDie({ stage, line }: Scene): Promise<void> {
  const known = stage.ledger.attempt;
  await stage.step();
  stage.ledger.attempt = line.isCut ? known : overLine(stage, line);
  if (!line.isCut) return;
  stage.restart();
  // The next one comes a minute later at the earliest; the time of this test is faster than the wire.
  const uploads = (): number => stage.simulator.control.requests().filter(isUpload).length;
  await until(() => uploads() === line.pieces, 'TikTok has noticed that the connection is gone');
}

function isUpload({ endpoint }: { readonly endpoint: string }): boolean {
  return endpoint === 'upload';
}

/** TikTok's upload link as it would be if TikTok were at the other end of the line. */
function overLine({ ledger, simulator }: PublishingStage, line: CutLine): PublishingStage['ledger']['attempt'] {
  const { attempt } = ledger;
  const text = JSON.stringify(attempt.progress).replace(simulator.url, `http://127.0.0.1:${line.port}`);
  return { ...attempt, progress: z.json().parse(JSON.parse(text)) };
}
