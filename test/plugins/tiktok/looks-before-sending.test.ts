import { rm, writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { openStage } from './publishing.ts';
import type { PublishingStage } from './publishing.ts';
import { publicOptions } from './support.ts';

const onePiece = 1_200_345;

describe('what is looked at before a video is sent', function () {
  this.timeout(120_000);
  let stage: PublishingStage;
  afterEach(() => stage.close());

  it('posts nothing when the profile no longer offers what was chosen', async () => {
    stage = await openStage(onePiece);
    stage.simulator.control.putAccount({ username: 'hazelandrye', private: true });
    const end = await stage.finish();
    expect(end).to.deep.include({ kind: 'needs-attention', mayBePosted: false });
    expect(end).to.have.nested.property('because.code', 'options_changed');
    expect(stage.simulator.control.publishes()).to.have.length(0);
  });

  it('posts nothing when comments were switched off since they were allowed', async () => {
    stage = await openStage(onePiece);
    stage.simulator.control.putAccount({ username: 'hazelandrye', comment_disabled: true });
    expect(await stage.finish()).to.have.nested.property('because.code', 'options_changed');
  });

  it('posts no branded content that only the profile itself would see, however it was stored', async () => {
    stage = await openStage(onePiece);
    stage.options = { ...publicOptions, privacy: 'SELF_ONLY', disclose: true, brandedContent: true };
    expect(await stage.finish()).to.deep.include({ kind: 'needs-attention', mayBePosted: false });
    expect(stage.simulator.control.publishes()).to.have.length(0);
  });

  it('R4: fails without posting when the profile takes no video of this length any more, and names file and limit', async () => {
    stage = await openStage(onePiece);
    stage.file = { ...stage.file, durationMs: 61_000 };
    stage.simulator.control.putAccount({ username: 'hazelandrye', max_video_post_duration_sec: 60 });
    const step = await stage.finish();
    if (step.kind !== 'failed') throw new Error(`It did not fail: ${step.kind}`);
    const { code, sentence, nextStep } = step.because;
    expect(code).to.equal('media_unfit');
    expect(sentence).to.include(`${stage.file.fileName} is 1:01 long; this profile may post up to 1:00.`);
    expect(nextStep).to.include('It was not posted.');
    expect(stage.simulator.control.publishes()).to.deep.equal([]);
  });

  it('asks for no upload that TikTok refuses every sandbox: the account became public, or more than “Only me” is chosen', async () => {
    stage = await openStage(onePiece);
    stage.mode = 'sandbox';
    const stopped = async (words: string): Promise<void> => {
      const step = await stage.finish();
      expect(step).to.deep.include({ kind: 'needs-attention', mayBePosted: false });
      expect(step).to.have.nested.property('because.code', 'options_changed');
      expect(step).to.have.nested.property('because.sentence').that.includes(words);
    };
    stage.options = { ...publicOptions, privacy: 'SELF_ONLY' };
    await stopped('only from an account that is set to private, and this one is public.');
    stage.simulator.control.putAccount({ username: 'hazelandrye', private: true });
    stage.options = { ...publicOptions, allowDuet: false, allowStitch: false, privacy: 'FOLLOWER_OF_CREATOR' };
    await stopped('TikTok takes posts of this app only with the privacy “Only me”.');
    expect(stage.simulator.control.requests().map(({ endpoint }) => endpoint)).not.to.include('video/init');
  });

  it('fails without posting when the video is gone or changed', async () => {
    stage = await openStage(onePiece);
    const right = stage.file;
    await writeFile(right.path, Buffer.alloc(onePiece, 'x'));
    expect(await stage.step()).to.have.nested.property('because.code', 'media_changed');
    await rm(right.path);
    expect(await stage.step()).to.have.nested.property('because.code', 'media_missing');
    expect(stage.simulator.control.publishes()).to.have.length(0);
  });
});
