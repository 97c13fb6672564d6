import { expect } from 'chai';
import type { Draft, MediaView } from '#plugin-api';
import { findProblems } from '../../../plugins/tiktok/draft-rules.ts';
import { expectPages } from './explained.ts';
import { draft, publicOptions, t, video } from './support.ts';

const creator = {
  ...{ username: 'hazelandrye', nickname: 'Hazel & Rye', privacyOptions: ['PUBLIC_TO_EVERYONE'] },
  ...{ commentDisabled: false, duetDisabled: true, stitchDisabled: true, maxDurationSeconds: 60 },
};

function photo(facts: Partial<MediaView> = {}): MediaView {
  const still = { durationMs: null, frameRate: null, codec: null } as const;
  return video({
    kind: 'picture',
    type: 'image/jpeg',
    fileName: 'buns.jpg',
    width: 1080,
    height: 1350,
    ...still,
    ...facts,
  });
}

function problems(facts: Partial<Draft>): readonly string[] {
  const found = findProblems(draft({ media: [photo()], ...facts }), creator, t);
  expectPages(found);
  return found.map(({ field, message }) => `${field}: ${message}`);
}

describe('what TikTok would refuse of photos', () => {
  it('is nothing of 1 to 35 JPEG or WebP pictures within its limits', () => {
    const most = Array.from({ length: 35 }, () => photo({ type: 'image/webp', bytes: 20_000_000 }));
    expect(problems({ media: most, cover: 34 })).to.deep.equal([]);
    const shapes = [
      photo({ width: 1920, height: 1080 }),
      photo({ width: 1080, height: 1920 }),
      photo({ width: 90, height: 9 }),
    ];
    expect(problems({ media: shapes, cover: null })).to.deep.equal([]);
  });

  it('is named with the file and the limit', () => {
    const [type] = problems({ media: [photo({ type: 'image/png' })] });
    expect(type).to.equal(
      'media: buns.jpg is not a JPEG or WebP picture. Upload it again: other pictures are converted.',
    );
    expect(problems({ media: [photo({ bytes: 20_000_001 })] })[0]).to.include(
      'buns.jpg has 20.0 MB; TikTok takes photos of up to 20 MB',
    );
    for (const [width, height] of [
      [1081, 1400],
      [1080, 1921],
      [1921, 1000],
    ] as const) {
      expect(problems({ media: [photo({ width, height })] })[0]).to.include(`buns.jpg is ${width} × ${height} pixels`);
    }
    const many = Array.from({ length: 36 }, () => photo());
    expect(problems({ media: many })).to.deep.equal([
      'media: TikTok takes up to 35 photos in a post; here are 36. Take some out.',
    ]);
  });

  it('is a video among them, and a cover that is none of them', () => {
    expect(problems({ media: [photo(), video()] })[0]).to.include('either one video or photos');
    for (const cover of [1, -1, 0.5])
      expect(problems({ cover })[0], String(cover)).to.include('The cover is none of the photos');
  });

  it('is a title over 90 and a description over 4,000 UTF-16 units', () => {
    const rye = '🥖'.repeat(45);
    expect(problems({ options: { ...publicOptions, title: rye }, caption: 'x'.repeat(4000) })).to.deep.equal([]);
    expect(problems({ options: { ...publicOptions, title: `${rye}!!` } })[0]).to.equal(
      'title: The title is 2 characters too long: TikTok takes 90 for photos.',
    );
    expect(problems({ caption: 'x'.repeat(4003) })[0]).to.include(
      '3 characters too long: TikTok takes 4,000 with photos',
    );
  });

  it('R11: is nothing about duets, stitches or length, which photos do not have', () => {
    expect(problems({ options: { ...publicOptions, allowComment: true } })).to.deep.equal([]);
  });
});
