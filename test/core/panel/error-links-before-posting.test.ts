import { expect } from 'chai';
import { ownCodes } from '../../../core/help/own-codes.ts';
import { makeTable, refs } from '../batches/batches-world.ts';
import { openImportWorld, type ImportWorld } from '../batches/import-world.ts';
import { createChannel, createVideo, fillForm, openPostsWorld, type PostsWorld } from '../posts/posts-world.ts';

/** Of the stub's own book. */
const ofNetwork = new Set(['duration_check_failed', 'stub_refused']);
const hrefOf = (code: string): string => `/help/errors/${code}`;
const errorHref = (code: string): string | undefined =>
  Object.hasOwn(ownCodes, code) || ofNetwork.has(code) ? hrefOf(code) : undefined;
const apart = (code: string): string => `<a href="${hrefOf(code)}" target="_blank" rel="noopener">${code}</a>`;

type Form = Readonly<Record<string, string>>;

/** What is in the way of a post, with the code that leads from there to its page. */
const refusals: readonly (readonly [what: string, code: string, make: (world: PostsWorld) => Promise<Form>])[] = [
  [
    'a channel that is paused',
    'channel_paused',
    async (world) => ({ channels: String((await createChannel(world.db, { team: world.team, isPaused: true })).id) }),
  ],
  [
    'a channel whose access was lost',
    'reconnect_needed',
    async (world) => {
      const { id } = await createChannel(world.db, { team: world.team });
      const whose = world.db.knex('channels').where({ id }).select('credential_id');
      await world.db.knex('credentials').where('id', whose).update({ state: 'reconnect-needed' });
      return { channels: String(id) };
    },
  ],
  [
    'a channel that was disconnected',
    'channel_disconnected',
    async (world) => {
      const { id } = await createChannel(world.db, { team: world.team });
      await world.db.knex('channels').where({ id }).update({ disconnected_at: 1 });
      return { channels: String(id) };
    },
  ],
  ['a channel of nobody', 'channel_disconnected', () => Promise.resolve({ channels: '999999' })],
  [
    'a file that was removed',
    'media_gone',
    async (world) => {
      const { id } = await createVideo(world.db, { team: world.team });
      await world.db.knex('media').where({ id }).update({ deleted_at: 1 });
      return { media: String(id) };
    },
  ],
  ['a caption longer than is kept', 'caption_too_long', () => Promise.resolve({ caption: 'a'.repeat(10_001) })],
];

describe('What is in the way of a post leads to the error book', () => {
  let world: PostsWorld;
  before(async () => {
    world = await openPostsWorld({ errorHref });
  });
  after(() => world.close());
  afterEach(() => {
    world.network.isEnabled = true;
    world.network.refusal = undefined;
    world.network.problems = [];
  });

  for (const [what, code, make] of refusals) {
    it(`in the composer, from ${what}`, async () => {
      const { fields } = await fillForm(world, await make(world));
      const { text } = await world.browser.post(world.address, fields).expect(422);
      expect(text).to.contain(`href="${hrefOf(code)}"`);
    });
  }

  it('in the composer, from a network that is switched off', async () => {
    const { fields } = await fillForm(world);
    world.network.isEnabled = false;
    expect((await world.browser.post(world.address, fields).expect(422)).text).to.contain(hrefOf('network_disabled'));
  });

  it('in the composer, from a network that refuses to answer', async () => {
    const { fields } = await fillForm(world);
    world.network.refusal = 'Stubnet is busy.';
    expect((await world.browser.post(world.address, fields).expect(422)).text).to.contain(hrefOf('stub_refused'));
  });

  for (const field of ['media', 'caption', 'channel'] as const) {
    it(`in the composer, from what the network has against the ${field}`, async () => {
      const { fields } = await fillForm(world);
      world.network.problems = [{ field, message: 'Too long.', code: 'duration_check_failed' }];
      const { text } = await world.browser.post(world.address, fields).expect(422);
      expect(text).to.contain(hrefOf('duration_check_failed'));
    });
  }

  it('at a file that is chosen while the form is open', async () => {
    const { channel, fields } = await fillForm(world);
    Object.assign(world.network.active.parts.composer, {
      fileProblems: () => [{ message: 'Too long.', code: 'duration_check_failed' }],
    });
    const sent = { ...fields, [`longest.${channel.id}`]: '0:20' };
    const { text } = await world.browser.post(`${world.address}/chosen-media`, sent).expect(200);
    expect(text).to.contain(`data-code-href="${hrefOf('duration_check_failed')}"`);
  });

  it('beside what could not be kept while it was written, and at a form that was used already', async () => {
    const { fields } = await fillForm(world, { caption: 'a'.repeat(10_001) });
    const unkept = await world.browser.post(`${world.address}/drafts`, fields).expect(422);
    expect(unkept.text).to.contain(apart('caption_too_long'));
    const { fields: used } = await fillForm(world);
    await world.browser.post(world.address, used).expect(303);
    const again = await world.browser.post(world.address, { ...used, caption: 'Other words' });
    expect(again.text).to.contain(apart('form_used'));
  });
});

/** Cells of a table, with the code that leads from the fault to its page. */
const faults: readonly (readonly [what: string, code: string, cells: Form])[] = [
  ['a file that is not there', 'unknown_file', { file: 'nowhere.mp4' }],
  ['two files of one name', 'unknown_file', { file: 'twice.mp4' }],
  ["a file that the network's account does not take", 'duration_check_failed', { file: 'long.mp4' }],
  ['a channel that is not there', 'unknown_channel', { channels: '@nobody' }],
  ['a channel that is paused', 'channel_paused', { channels: '@paused' }],
  ['a caption that is too long', 'caption_too_long', { caption: 'a'.repeat(2_201) }],
];

describe('What is wrong with many posts leads to the error book', () => {
  let world: ImportWorld;
  before(async () => {
    world = await openImportWorld({ errorHref });
  });
  after(() => world.close());

  for (const [what, code, cells] of faults) {
    it(`in the report on a table, from ${what}`, async () => {
      const row = { file: 'bun.mp4', caption: 'Buns', channels: '@hazelandrye', ...cells };
      const { text } = await world.read(`file,caption,channels\n${Object.values(row).join(',')}\n`);
      expect(text).to.contain(apart(code));
    });
  }

  it('from a table that cannot be read', async () => {
    expect((await world.send('caption\nBuns\n').expect(422)).text).to.contain(apart('table_unreadable'));
  });

  it('in the row of a batch', async () => {
    const table = await makeTable(world, 1);
    await world.db.knex('media').where({ file_name: 'bun-0.mp4' }).update({ duration_ms: 90_000 });
    const { text } = await world.browser.get(`${table.address}/checks?rows=${refs(table.postIds)}`).expect(200);
    expect(text).to.contain(apart('duration_check_failed'));
  });
});
