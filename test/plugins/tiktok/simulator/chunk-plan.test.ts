import { expect } from 'chai';
import {
  chunkRange,
  isDoubtfulPlan,
  refusedPlan,
  type ChunkPlan,
} from '../../../../plugins/tiktok/simulator/chunk-plan.ts';

const plan = (videoSize: number, chunkSize: number, chunkCount: number): ChunkPlan => ({
  videoSize,
  chunkSize,
  chunkCount,
});

const accepted: readonly (readonly [size: number, chunk: number, count: number, last: number])[] = [
  [50_000_123, 10_000_000, 5, 10_000_123],
  [4_194_304, 4_194_304, 1, 4_194_304],
  [50_000_123, 50_000_123, 1, 50_000_123],
  [64_000_000, 64_000_000, 1, 64_000_000],
  [64_000_001, 32_000_000, 2, 32_000_001],
  [67_108_864, 33_554_432, 2, 33_554_432],
  [67_108_865, 33_554_432, 2, 33_554_433],
  [121_000_000, 60_500_000, 2, 60_500_000],
  [150_000_000, 64_000_000, 2, 86_000_000],
  [602_285_541, 64_000_000, 9, 90_285_541],
  [1_073_741_824, 64_000_000, 16, 113_741_824],
  [4_294_967_296, 64_000_000, 67, 70_967_296],
  [20_000_000, 20_000_000, 1, 20_000_000],
  [20_000_001, 10_000_000, 2, 10_000_001],
  [128_000_001, 10_000_000, 12, 18_000_001],
  [4_000_000_000, 10_000_000, 400, 10_000_000],
];

const refused: readonly (readonly [size: number, chunk: number, count: number, why: string, message: string])[] = [
  [50_000_123, 10_000_000, 6, 'ceil instead of floor', 'The total chunk count is invalid'],
  [121_000_000, 64_000_000, 1, 'one piece that is not the whole', 'The chunk size is invalid'],
  [121_000_000, 121_000_000, 1, 'a chunk above 64 MB', 'The chunk size is invalid'],
  [4_000_000, 2_000_000, 2, 'a small file in pieces', 'The chunk size is invalid'],
  [15_000_000, 10_000_000, 1, 'one chunk that is not the whole', 'The chunk size is invalid'],
  [30_000_000, 4_000_000, 7, 'a chunk below 5 MB', 'The chunk size is invalid'],
  [6_000_000_000, 5_000_000, 1200, 'over 4 GB and 1000 chunks', 'The request source info is empty or incorrect'],
  [0, 0, 1, 'an empty file', 'The request source info is empty or incorrect'],
];

describe('TikTok simulator, chunk plans', () => {
  for (const [size, chunk, count, last] of accepted)
    it(`accepts ${size} bytes in ${count} of ${chunk}, the last of ${last}`, () => {
      expect(refusedPlan(plan(size, chunk, count), 'either')).to.equal(undefined);
      const range = chunkRange(plan(size, chunk, count), count - 1);
      expect(range.last - range.first + 1).to.equal(last);
      expect(range.last).to.equal(size - 1);
    });

  for (const [size, chunk, count, why, message] of refused)
    it(`refuses ${size} bytes in ${count} of ${chunk}: ${why}`, () => {
      expect(refusedPlan(plan(size, chunk, count), 'either')).to.equal(message);
    });

  it('counts TikTok’s own example off in five ranges', () => {
    const ranges = [0, 1, 2, 3, 4].map((index) => chunkRange(plan(50_000_123, 10_000_000, 5), index));
    expect(ranges.map(({ first, last }) => `${first}-${last}`)).to.deep.equal([
      '0-9999999',
      '10000000-19999999',
      '20000000-29999999',
      '30000000-39999999',
      '40000000-50000122',
    ]);
  });

  it('flags a plan that only one reading of MB accepts, and refuses it under the other', () => {
    const binaryOnly = plan(67_108_864, 67_108_864, 1);
    const decimalOnly = plan(10_000_000, 5_000_000, 2);
    expect(isDoubtfulPlan(binaryOnly)).to.equal(true);
    expect(isDoubtfulPlan(decimalOnly)).to.equal(true);
    expect(isDoubtfulPlan(plan(50_000_123, 10_000_000, 5))).to.equal(false);
    expect(refusedPlan(binaryOnly, 'decimal')).to.equal('The chunk size is invalid');
    expect(refusedPlan(binaryOnly, 'binary')).to.equal(undefined);
    expect(refusedPlan(decimalOnly, 'binary')).to.equal('The chunk size is invalid');
  });
});
