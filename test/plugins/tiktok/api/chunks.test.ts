import { expect } from 'chai';
import fc from 'fast-check';
import { borderNear, chunkAt, planChunks } from '../../../../plugins/tiktok/api/chunks.ts';

const vectors: readonly (readonly [number, number, number])[] = [
  [4_194_304, 1, 4_194_304],
  [20_000_000, 1, 20_000_000],
  [20_000_001, 2, 10_000_001],
  [50_000_123, 5, 10_000_123],
  [64_000_000, 6, 14_000_000],
  [67_108_864, 6, 17_108_864],
  [128_000_001, 12, 18_000_001],
  [1_073_741_824, 107, 13_741_824],
  [4_000_000_000, 400, 10_000_000],
];

describe('the plan of an upload', () => {
  for (const [size, count, last] of vectors) {
    it(`sends ${size} bytes in ${count} pieces, the last of ${last}`, () => {
      const plan = planChunks(size);
      expect(plan.count).to.equal(count);
      expect(chunkAt(plan, plan.chunkSize * (count - 1))).to.include({ bytes: last, isLast: true, last: size - 1 });
    });
  }

  it("cuts TikTok's own example at the borders that TikTok prints", () => {
    const plan = planChunks(50_000_123);
    const ranges = [0, 1, 2, 3, 4].map((index) => {
      const chunk = chunkAt(plan, index * plan.chunkSize);
      return `${chunk?.first}-${chunk?.last}`;
    });
    expect(ranges).to.deep.equal([
      '0-9999999',
      '10000000-19999999',
      '20000000-29999999',
      '30000000-39999999',
      '40000000-50000122',
    ]);
  });

  it('keeps every rule of TikTok for every size up to 4 GB', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4_000_000_000 }), (size) => {
        const { chunkSize, count } = planChunks(size);
        const last = size - chunkSize * (count - 1);
        expect(count)
          .to.equal(Math.floor(size / chunkSize))
          .and.to.be.within(1, 1000);
        expect(chunkSize).to.be.at.most(64_000_000);
        expect(last).to.be.at.most(128_000_000).and.at.least(Math.min(size, chunkSize));
        if (count === 1) expect(chunkSize).to.equal(size);
        else expect(chunkSize).to.be.at.least(5_242_880);
      }),
    );
  });

  it('finds no piece where none begins', () => {
    const plan = planChunks(50_000_123);
    for (const offset of [1, 9_999_999, 50_000_123, 50_000_000, -10_000_000]) {
      expect(chunkAt(plan, offset)).to.equal(undefined);
    }
  });

  it("reads TikTok's progress whether it counts bytes, names the last byte or counts from one", () => {
    const plan = planChunks(50_000_123);
    for (const reported of [9_999_999, 10_000_000, 10_000_001]) expect(borderNear(plan, reported)).to.equal(10_000_000);
    for (const reported of [0, 1]) expect(borderNear(plan, reported)).to.equal(0);
    for (const reported of [50_000_122, 50_000_123, 50_000_124]) {
      expect(borderNear(plan, reported)).to.equal(50_000_123);
    }
    for (const reported of [5_000_000, 10_000_002, 45_000_000, 50_000_200]) {
      expect(borderNear(plan, reported)).to.equal(undefined);
    }
  });
});
