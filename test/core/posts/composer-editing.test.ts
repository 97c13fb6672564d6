import { expect } from 'chai';
import { createChannel, fillForm, openPostsWorld, postIdIn, type PostsWorld } from './posts-world.ts';

describe('the composer of a post that exists', () => {
  let world: PostsWorld;
  beforeEach(async () => {
    world = await openPostsWorld();
  });
  afterEach(() => world.close());

  const edit = async (fields: Readonly<Record<string, string>>) => {
    const postId = postIdIn(await world.browser.post(world.address, fields));
    const page = await world.browser.get(`${world.address}/${postId}/edit`).expect(200);
    const version = /name="version" value="(\d+)"/.exec(page.text)?.[1] ?? '';
    return { postId, page, at: `${world.address}/${postId}`, change: { ...fields, version } };
  };

  it('T11: replaces caption, options, due time and channels, and raises the revision of what stays.', async () => {
    const { channel, fields } = await fillForm(world);
    const { postId, at, change, page } = await edit(fields);
    expect(page.text)
      .to.contain('value="2026-11-22"')
      .and.to.contain('value="09:30"')
      .and.to.match(/value="everyone" selected/);
    const added = await createChannel(world.db, { team: world.team });
    const answer = await world.browser.post(at, {
      ...change,
      caption: 'Batch two',
      time: '10:00',
      channels: [String(channel.id), String(added.id)],
      [`options.${added.id}.audience`]: 'everyone',
    });
    expect(answer.status).to.equal(303);
    const post = await world.posts.find(world.team.id, postId);
    expect(post).to.include({ caption: 'Batch two', dueAt: Date.UTC(2026, 10, 22, 9) });
    const deliveries = await world.desk.ofPost(world.team.id, postId);
    expect(deliveries.map(({ channelId, revision }) => [channelId, revision])).to.deep.equal([
      [channel.id, 2],
      [added.id, 1],
    ]);
  });

  it('takes an unticked channel out together with its job.', async () => {
    const { fields } = await fillForm(world);
    const { postId, at, change } = await edit(fields);
    await world.browser.post(at, { ...change, channels: [], act: 'draft' }).expect(303);
    expect(await world.desk.ofPost(world.team.id, postId)).to.deep.equal([]);
    expect(await world.db.knex('jobs').where({ state: 'waiting' }).select('id')).to.deep.equal([]);
    expect(await world.posts.find(world.team.id, postId)).to.include({ state: 'draft', dueAt: null });
  });

  it('takes the same edit sent twice as one, and refuses one of a version that is gone.', async () => {
    const { fields } = await fillForm(world);
    const { postId, at, change } = await edit(fields);
    await world.browser.post(at, { ...change, caption: 'Mine' }).expect(303);
    await world.browser.post(at, { ...change, caption: 'Mine' }).expect(303);
    const answer = await world.browser.post(at, { ...change, caption: 'Theirs' }).expect(409);
    expect(answer.text).to.contain('Somebody else changed this post meanwhile.').and.to.contain('Theirs</textarea>');
    const version = /name="version" value="(\d+)"/.exec(answer.text)?.[1] ?? '';
    await world.browser.post(at, { ...change, version, caption: 'Theirs' }).expect(303);
    const [delivery] = await world.desk.ofPost(world.team.id, postId);
    expect(delivery?.revision).to.equal(3);
  });

  it('P15: lets one of two edits win that start from the same version at once.', async () => {
    const { fields } = await fillForm(world);
    const { postId, at, change } = await edit(fields);
    const answers = await Promise.all(
      ['One', 'Other'].map((caption) => world.browser.post(at, { ...change, caption })),
    );
    expect(answers.map(({ status }) => status).sort()).to.deep.equal([303, 409]);
    const [delivery] = await world.desk.ofPost(world.team.id, postId);
    expect(delivery?.revision).to.equal(2);
  });

  it('T11: answers 409 with the reason once publishing has begun.', async () => {
    const { fields } = await fillForm(world);
    const { postId, at, change } = await edit(fields);
    await world.db.knex('deliveries').update({ state: 'publishing' });
    const page = await world.browser.get(`${at}/edit`).expect(409);
    expect(page.text).to.contain('publishing has begun').and.to.contain(`href="${at}"`);
    await world.browser.post(at, { ...change, caption: 'Too late' }).expect(409);
    expect(await world.posts.find(world.team.id, postId)).to.include({ caption: fields['caption'] });
  });

  it('keeps a channel that was paused meanwhile.', async () => {
    const { channel, fields } = await fillForm(world);
    const { postId, at, change } = await edit(fields);
    await world.db.knex('channels').where({ id: channel.id }).update({ is_paused: true });
    const page = await world.browser.get(`${at}/edit`).expect(200);
    expect(page.text).to.match(new RegExp(`value="${channel.id}"[^>]* checked(?![^>]*disabled)`));
    await world.browser.post(at, { ...change, caption: 'Still going' }).expect(303);
    expect(await world.desk.ofPost(world.team.id, postId)).to.have.length(1);
  });
});
