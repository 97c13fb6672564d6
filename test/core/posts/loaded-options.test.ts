import { expect } from 'chai';
import { recordingLog } from '../../support/log.ts';
import { fillForm, openPostsWorld, type PostsWorld } from './posts-world.ts';

describe('what a plugin tells the composer', () => {
  const log = recordingLog();
  let world: PostsWorld;
  before(async () => {
    world = await openPostsWorld({ log: log.log });
  });
  after(() => world.close());

  const told = (facts: Readonly<Record<string, unknown>>): void => {
    const load = (): Promise<unknown> => Promise.resolve({ audiences: ['everyone', 'friends'], ...facts });
    Object.assign(world.network.active.parts.composer, { load });
  };

  it('about files stands at the files.', async () => {
    told({ mediaProblems: [{ message: 'The film is too long.' }] });
    const { channel, fields } = await fillForm(world);
    const { text } = await world.browser.post(`${world.address}/options?channel=${channel.id}`, fields).expect(200);
    expect(text).to.contain('data-media-problem="The film is too long."').and.not.to.contain('data-refused');
  });

  const breaches = [
    { mediaProblems: ['The film is too long.'] },
    { mediaProblems: [{ text: 'The film is too long.' }] },
    { captionLimit: 0 },
    { maxDuration: 60 },
  ];
  for (const facts of breaches) {
    const what = JSON.stringify(facts);
    it(`in another shape than agreed, as ${what}, refuses the channel and stands in the log.`, async () => {
      told(facts);
      const { channel, fields } = await fillForm(world);
      const { text } = await world.browser.post(`${world.address}/options?channel=${channel.id}`, fields).expect(200);
      expect(text).to.contain('data-refused').and.to.contain('cannot read what its part for Stubnet tells');
      const [place = ''] = Object.keys(facts);
      const line = JSON.stringify(log.lines().at(-1));
      expect(line).to.contain('stubnet').and.to.contain('composer.load').and.to.contain(place);
      expect(line).not.to.contain('The film is too long');
    });
  }

  it('about a file that is chosen later, as a plain string, stands in the log, and nothing is said for it.', async () => {
    Object.assign(world.network.active.parts.composer, { fileProblems: () => ['The film is too long.'] });
    const { channel, fields } = await fillForm(world);
    const { text } = await world.browser.post(`${world.address}/chosen-media`, fields).expect(200);
    expect(text).not.to.contain(`data-checked-for="${channel.id}"`);
    expect(JSON.stringify(log.lines().at(-1))).to.contain('composer.fileProblems');
  });
});
