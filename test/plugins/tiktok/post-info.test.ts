import { expect } from 'chai';
import fc from 'fast-check';
import { planChunks } from '../../../plugins/tiktok/api/chunks.ts';
import { workerTimeoutMs } from '../../../plugins/tiktok/api/client.ts';
import { findProblems } from '../../../plugins/tiktok/draft-rules.ts';
import { videoPostInfo } from '../../../plugins/tiktok/post-info.ts';
import { hasPrivacy, optionFields, parseOptionFields, privacyLevels } from '../../../plugins/tiktok/post-options.ts';
import type { ChosenOptions } from '../../../plugins/tiktok/post-options.ts';
import { startSimulator } from '../../../plugins/tiktok/simulator/index.ts';
import type { Simulator } from '../../../plugins/tiktok/simulator/index.ts';
import { connectAccount } from './login.ts';
import { clientFor, draft, t } from './support.ts';

const disclosures = [
  { disclose: false, yourBrand: false, brandedContent: false },
  { disclose: true, yourBrand: true, brandedContent: false },
  { disclose: true, yourBrand: false, brandedContent: true },
  { disclose: true, yourBrand: true, brandedContent: true },
];

const onOff = {
  allowComment: fc.boolean(),
  allowDuet: fc.boolean(),
  allowStitch: fc.boolean(),
  aiGenerated: fc.boolean(),
};
const chosen = fc
  .tuple(fc.constantFrom(...privacyLevels), fc.record(onOff), fc.constantFrom(...disclosures))
  .map(([privacy, switches, disclosure]): ChosenOptions => ({
    ...switches,
    ...disclosure,
    privacy,
    title: '',
    autoMusic: false,
  }));
const cover = fc.option(fc.integer({ min: 0, max: 34_000 }));
const caption = fc.string({ unit: 'grapheme', maxLength: 100 });

describe('what was chosen on its way to TikTok', () => {
  let simulator: Simulator;
  let token: string;

  before(async () => {
    simulator = await startSimulator();
    simulator.control.setSwitches({ rate_limits: 'off' });
    token = (await connectAccount(simulator.url)).tokens.accessToken;
  });
  after(() => simulator.close());

  it('R30: is kept by the form and by the store as it is, for every combination', () => {
    fc.assert(
      fc.property(chosen, (options) => {
        const kept = parseOptionFields(optionFields(options), t);
        expect(kept).to.deep.equal({ options });
        expect('options' in kept && hasPrivacy(kept.options)).to.equal(true);
      }),
    );
  });

  it('R30: is what TikTok gets, unchanged, for every combination that it allows', async () => {
    const client = clientFor(simulator.url);
    const creator = await client.creatorInfo(token, { timeoutMs: workerTimeoutMs });
    const { size, chunkSize, count } = planChunks(1000);
    const source = { video_size: size, chunk_size: chunkSize, total_chunk_count: count };
    if (!creator.ok) throw new Error(creator.code);
    const isAllowed = (options: ChosenOptions): boolean =>
      findProblems(draft({ options }), creator.value, t).length === 0;
    const posts = fc.record({ options: chosen.filter(isAllowed), cover, caption });
    await fc.assert(
      fc.asyncProperty(posts, async ({ options, ...words }) => {
        const info = videoPostInfo(words, options);
        const reply = await client.videoInit(token, { info, source }, { timeoutMs: workerTimeoutMs });
        expect(reply.ok).to.equal(true);
        expect(simulator.control.publishes().at(-1)).to.deep.include(expected(options, words));
      }),
      { numRuns: 60 },
    );
  });
});

/** Worked out apart from the code that sends it. */
function expected(options: ChosenOptions, words: { readonly cover: number | null; readonly caption: string }): object {
  return {
    caption: words.caption,
    video_cover_timestamp_ms: words.cover,
    privacy_level: options.privacy,
    disable_comment: !options.allowComment,
    disable_duet: !options.allowDuet,
    disable_stitch: !options.allowStitch,
    brand_organic_toggle: options.yourBrand,
    brand_content_toggle: options.brandedContent,
    is_aigc: options.aiGenerated,
    notes: [],
  };
}
