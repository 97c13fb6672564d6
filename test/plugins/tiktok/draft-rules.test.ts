import { expect } from 'chai';
import type { Draft, MediaView } from '#plugin-api';
import type { CreatorInfo } from '../../../plugins/tiktok/api/replies.ts';
import { findProblems } from '../../../plugins/tiktok/draft-rules.ts';
import { clockLength } from '../../../plugins/tiktok/video-rules.ts';
import { expectPages } from './explained.ts';
import { draft, publicOptions, t, video } from './support.ts';

const creator: CreatorInfo = {
  username: 'hazelandrye',
  nickname: 'Hazel & Rye',
  privacyOptions: ['PUBLIC_TO_EVERYONE', 'MUTUAL_FOLLOW_FRIENDS', 'SELF_ONLY'],
  commentDisabled: false,
  duetDisabled: false,
  stitchDisabled: false,
  maxDurationSeconds: 300,
};

function fields(facts: Partial<Draft>, creatorFacts: Partial<CreatorInfo> = {}): readonly string[] {
  const problems = findProblems(draft(facts), { ...creator, ...creatorFacts }, t);
  for (const { message } of problems) expect(message).to.match(/[.]$/u);
  expectPages(problems);
  return problems.map(({ field }) => field);
}

function mediaProblem(facts: Partial<MediaView>): string {
  const [first] = findProblems(draft({ media: [video(facts)] }), creator, t);
  return first?.message ?? '';
}

describe('what TikTok would refuse', () => {
  it('is nothing for a draft that fits', () => {
    expect(fields({})).to.deep.equal([]);
  });

  it('R7: is a post without a chosen privacy', () => {
    expect(fields({ options: { ...publicOptions, privacy: null } })).to.deep.equal(['privacy']);
    expect(fields({ options: null })).to.deep.equal(['privacy']);
    expect(fields({ options: { privacy: 'EVERYBODY' } })).to.deep.equal(['privacy']);
  });

  it('R6: is a privacy that creator_info does not offer', () => {
    expect(fields({ options: { ...publicOptions, privacy: 'FOLLOWER_OF_CREATOR' } })).to.deep.equal(['privacy']);
    expect(fields({}, { privacyOptions: ['SELF_ONLY'] })).to.deep.equal(['privacy']);
  });

  it('R10: is an interaction that the profile has switched off', () => {
    const all = { ...publicOptions, allowDuet: true, allowStitch: true };
    const off = { commentDisabled: true, duetDisabled: true, stitchDisabled: true };
    expect(fields({ options: all }, off)).to.deep.equal(['allowComment', 'allowDuet', 'allowStitch']);
    expect(fields({ options: { ...publicOptions, allowComment: false } }, off)).to.deep.equal([]);
  });

  it('R15: is a disclosure that does not say what it discloses', () => {
    const disclosed = { ...publicOptions, disclose: true };
    const [first] = findProblems(draft({ options: disclosed }), creator, t);
    expect(first).to.deep.equal({
      field: 'disclose',
      message: 'You need to indicate if your content promotes yourself, a third party, or both.',
      about: 'options',
    });
    expect(fields({ options: { ...publicOptions, yourBrand: true } })).to.deep.equal(['disclose']);
    expect(fields({ options: { ...disclosed, yourBrand: true } })).to.deep.equal([]);
  });

  it('R19 to R21: is branded content that only the profile itself would see', () => {
    const paid = { ...publicOptions, disclose: true, brandedContent: true };
    expect(fields({ options: { ...paid, privacy: 'SELF_ONLY' } })).to.deep.equal(['brandedContent']);
    expect(fields({ options: { ...paid, privacy: 'MUTUAL_FOLLOW_FRIENDS' } })).to.deep.equal([]);
    expect(
      fields({ options: { ...paid, brandedContent: false, yourBrand: true, privacy: 'SELF_ONLY' } }),
    ).to.deep.equal([]);
  });

  it('R11: is an option of videos that was left on for photos', () => {
    const options = { ...publicOptions, allowDuet: true };
    const media = [video({ kind: 'picture', type: 'image/jpeg', durationMs: null, frameRate: null, codec: null })];
    expect(fields({ options, media }, { duetDisabled: true }))
      .to.include('channel')
      .and.not.include('allowDuet');
  });

  it('is a cover outside the video', () => {
    expect(fields({ cover: 34_000 })).to.deep.equal([]);
    expect(fields({ cover: 0 })).to.deep.equal([]);
    expect(fields({ cover: 34_001 })).to.deep.equal(['media']);
  });

  it('R4: is a video longer than the profile may post', () => {
    expect(mediaProblem({ durationMs: 300_000 })).to.equal('');
    expect(mediaProblem({ durationMs: 300_001 })).to.equal(
      'buns.mp4 is 5:01 long; this profile may post up to 5:00. Trim it.',
    );
    expect(clockLength(65_000)).to.equal('1:05');
  });

  it('is a file of a wrong kind, code, size, rate or picture', () => {
    expect(mediaProblem({ type: 'image/jpeg', kind: 'video' })).to.match(/kind that TikTok does not take/u);
    expect(mediaProblem({ type: 'video/x-msvideo' })).to.match(/kind that TikTok does not take/u);
    expect(mediaProblem({ codec: 'ProRes' })).to.match(/ProRes/u);
    expect(mediaProblem({ bytes: 4_000_000_001 })).to.match(/4 GB/u);
    expect(mediaProblem({ frameRate: 12 })).to.match(/12 frames/u);
    expect(mediaProblem({ frameRate: 120 })).to.match(/120 frames/u);
    expect(mediaProblem({ width: 320 })).to.match(/320 × 1920/u);
    expect(mediaProblem({ height: 5000 })).to.match(/1080 × 5000/u);
  });

  it('is none of what TikTok takes', () => {
    for (const codec of ['H.264', 'H.265', 'VP8', 'VP9', 'avc', 'hevc', null])
      expect(mediaProblem({ codec })).to.equal('');
    for (const frameRate of [23.976, 24, 29.97, 60.01, null]) expect(mediaProblem({ frameRate })).to.equal('');
    for (const type of ['video/mp4', 'video/quicktime', 'video/webm']) expect(mediaProblem({ type })).to.equal('');
    expect(mediaProblem({ width: 4096, height: 360 })).to.equal('');
  });

  it('is a caption of more than 2,200 UTF-16 units', () => {
    expect(fields({ caption: 'x'.repeat(2200) })).to.deep.equal([]);
    expect(fields({ caption: '🥐'.repeat(1101) })).to.deep.equal(['caption']);
  });

  it('is no video, or more than one', () => {
    expect(fields({ media: [] })).to.deep.equal(['media']);
    expect(fields({ media: [video(), video()] })).to.deep.equal(['media']);
  });
});
