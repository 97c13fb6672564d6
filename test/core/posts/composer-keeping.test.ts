import { expect } from 'chai';
import { createMember } from '../../support/factories.ts';
import { createChannel, createVideo, fillForm, openPostsWorld, postIdIn, type PostsWorld } from './posts-world.ts';

describe('what is kept while a post is written', () => {
  let world: PostsWorld;
  beforeEach(async () => {
    world = await openPostsWorld();
  });
  afterEach(() => world.close());

  const keep = (fields: Readonly<Record<string, string | readonly string[]>>, postId?: number) =>
    world.browser.post(postId === undefined ? `${world.address}/drafts` : `${world.address}/${postId}/draft`, fields);
  const begin = async (more: Readonly<Record<string, string>> = {}) => {
    const filled = await fillForm(world, { when: 'schedule', ...more });
    const answer = await keep(filled.fields).expect(200);
    const postId = Number(/data-action="[^"]*\/posts\/(\d+)"/.exec(answer.text)?.[1]);
    return { ...filled, postId, answer };
  };
  const scheduled = async () => {
    const filled = await fillForm(world);
    return { ...filled, postId: postIdIn(await world.browser.post(world.address, filled.fields)) };
  };
  const events = async (subject: string) => (await world.db.knex('events').where({ subject }).select('kind')).length;

  it('makes a draft of the first words, without any declaration, and says when.', async () => {
    const { postId, answer, channel } = await begin();
    expect(answer.text).to.contain('Draft saved at 13:00:00').and.to.contain('data-version="1"');
    expect(await world.posts.find(world.team.id, postId)).to.include({ state: 'draft', dueAt: null });
    const [delivery] = await world.desk.ofPost(world.team.id, postId);
    expect(delivery).to.include({ channelId: channel.id, state: 'draft', consent: null, dueAt: null });
    expect(world.network.asked).to.deep.equal([]);
  });

  it('shows again what was chosen under When to post, whatever it was.', async () => {
    const { postId, fields } = await begin();
    const shown = async () =>
      /name="when" value="(\w+)" checked/.exec((await world.browser.get(`${world.address}/${postId}/edit`)).text)?.[1];
    expect(await shown()).to.equal('schedule');
    for (const [version, when] of ['immediately', 'draft', 'schedule'].entries()) {
      await keep({ ...fields, when, version: String(version + 1), date: '' }, postId).expect(200);
      expect(await shown()).to.equal(when);
    }
    expect(await world.posts.find(world.team.id, postId)).to.include({ state: 'draft', dueAt: null });
  });

  it('writes on in the same draft, one line in the log however often.', async () => {
    const { postId, fields } = await begin();
    const other = await createChannel(world.db, { team: world.team });
    const file = await createVideo(world.db, { team: world.team });
    for (const [version, caption] of ['Two', 'Three', 'Four'].entries())
      await keep({ ...fields, version: String(version + 1), caption }, postId).expect(200);
    await keep(
      { ...fields, version: '4', caption: 'Five', channels: String(other.id), media: String(file.id), cover: '1500' },
      postId,
    ).expect(200);
    const post = await world.posts.find(world.team.id, postId);
    expect(post).to.include({ caption: 'Five', version: 5, cover: 1500 });
    expect(post.media.map(({ id }) => id)).to.deep.equal([file.id]);
    expect((await world.desk.ofPost(world.team.id, postId)).map(({ channelId }) => channelId)).to.deep.equal([
      other.id,
    ]);
    expect(await events('post')).to.equal(1);
  });

  it('takes the same words twice as one, also when the answer to the first ones was lost.', async () => {
    const { postId, fields } = await begin();
    const again = await keep({ ...fields, caption: 'More words' }).expect(200);
    expect(again.text).to.contain(`/posts/${postId}"`).and.to.contain('data-version="2"');
    const repeated = await keep({ ...fields, caption: 'More words' }).expect(200);
    expect(repeated.text).to.contain('data-version="2"');
    expect(await world.db.knex('posts').select('id')).to.have.length(1);
  });

  it('schedules the draft that the form has made, pressed on a page that does not know it yet.', async () => {
    const { postId, fields } = await begin();
    const press = () => world.browser.post(world.address, fields);
    expect(postIdIn(await press())).to.equal(postId);
    expect(postIdIn(await press())).to.equal(postId);
    expect(await world.posts.find(world.team.id, postId)).to.include({ state: 'scheduled', version: 2 });
    expect(await world.desk.ofPost(world.team.id, postId)).to.have.length(1);
  });

  it('tells the second of two tabs, and changes nothing until a person decides.', async () => {
    const { postId, fields } = await begin();
    await keep({ ...fields, version: '1', caption: 'First tab' }, postId).expect(200);
    const second = await keep({ ...fields, version: '1', caption: 'Second tab' }, postId).expect(409);
    expect(second.text).to.contain('This post was changed in another tab at 13:00.').and.to.contain('Keep mine');
    expect(await world.posts.find(world.team.id, postId)).to.include({ caption: 'First tab' });
    const version = /data-version="(\d+)"/.exec(second.text)?.[1] ?? '';
    await keep({ ...fields, version, caption: 'Second tab' }, postId).expect(200);
    expect(await world.posts.find(world.team.id, postId)).to.include({ caption: 'Second tab' });
  });

  it('names the colleague who wrote meanwhile.', async () => {
    const { postId, fields } = await begin();
    const maja = await createMember(world.db, { team: world.team, role: 'editor', name: 'Maja Lindqvist' });
    const theirs = await world.signIn(maja);
    await theirs.post(`${world.address}/${postId}/draft`, { ...fields, version: '1', caption: 'Hers' }).expect(200);
    const mine = await keep({ ...fields, version: '1', caption: 'Mine' }, postId).expect(409);
    expect(mine.text).to.contain('This post was changed by Maja Lindqvist at 13:00.');
  });

  it('never changes a scheduled post: the words wait beside it for the same person, who may discard them.', async () => {
    const { postId, fields, channel } = await scheduled();
    const options = { [`options.${channel.id}.audience`]: 'friends' };
    const kept = await keep({ ...fields, ...options, version: '1', caption: 'Not yet' }, postId).expect(200);
    expect(kept.text).to.contain('data-kept-as="copy"');
    expect(await world.posts.find(world.team.id, postId)).to.include({ caption: fields['caption'], version: 1 });
    const at = `${world.address}/${postId}/edit`;
    const page = await world.browser.get(at).expect(200);
    expect(page.text)
      .to.contain('You have changes from Today, 13:00 that are not saved.')
      .and.to.contain('Not yet</textarea>')
      .and.to.contain(`name="options.${channel.id}.audience" value="friends"`);
    const colleague = await world.signIn(await createMember(world.db, { team: world.team, role: 'editor' }));
    expect((await colleague.get(at)).text).not.to.contain('Not yet');
    await world.browser.post(`${world.address}/${postId}/draft/removal`).expect(303).expect('Location', at);
    expect((await world.browser.get(at)).text).not.to.contain('Not yet');
  });

  it('forgets the words beside a post once they are saved to it.', async () => {
    const { postId, fields } = await scheduled();
    await keep({ ...fields, version: '1', caption: 'Better' }, postId).expect(200);
    await world.browser.post(`${world.address}/${postId}`, { ...fields, version: '1', caption: 'Better' }).expect(303);
    expect(await world.db.knex('working_copies').select('post_id')).to.deep.equal([]);
    expect((await world.browser.get(`${world.address}/${postId}/edit`)).text).not.to.contain('not saved');
  });

  it('says what cannot be kept, and keeps nothing for a post that is over or not of the team.', async () => {
    const { postId, fields } = await begin();
    const long = await keep({ ...fields, version: '1', caption: 'x'.repeat(10_001) }, postId).expect(422);
    expect(long.text).to.contain('Not saved: The caption is longer than 10000 characters.');
    await world.db.knex('deliveries').update({ state: 'published' });
    const late = await keep({ ...fields, version: '1' }, postId).expect(409);
    expect(late.text).to.contain('Not saved: This post can no longer be edited');
    await keep(fields, 4711).expect(404);
  });
});
