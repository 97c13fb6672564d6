import { expect } from 'chai';
import { createTeam } from '../../support/factories.ts';
import {
  createChannel,
  createVideo,
  fillForm,
  openPostsWorld,
  postIdIn,
  signInAs,
  type PostsWorld,
} from './posts-world.ts';

describe('the composer against people who try', () => {
  let world: PostsWorld;
  beforeEach(async () => {
    world = await openPostsWorld();
  });
  afterEach(() => world.close());

  const send = (fields: Readonly<Record<string, string | readonly string[]>>) =>
    world.browser.post(world.address, fields);
  const countPosts = async () => (await world.db.knex('posts').select('id')).length;

  it("S1: answers another team's channel, file and post as if they were not there.", async () => {
    const other = await createTeam(world.db);
    const [channel, video] = [
      await createChannel(world.db, { team: other }),
      await createVideo(world.db, { team: other }),
    ];
    const { fields } = await fillForm(world);
    const foreign = await send({ ...fields, channels: String(channel.id) }).expect(422);
    const absent = await send({ ...fields, channels: '999999' }).expect(422);
    const problem = 'A chosen channel is not connected to this team.';
    expect(foreign.text).to.contain(problem);
    expect(absent.text).to.contain(problem);
    expect(foreign.text).not.to.contain(channel.nickname);
    const file = await send({ ...fields, media: String(video.id) }).expect(422);
    expect(file.text).to.contain('not in this team').and.not.to.contain(video.fileName);
    await world.browser.get(`${world.address}/options?channel=${channel.id}`).expect(404);
    const postId = postIdIn(await send(fields));
    const stranger = await signInAs(world, 'owner', other);
    for (const path of ['', '/edit', '/deliveries'])
      await stranger.get(`/team/${other.id}/posts/${postId}${path}`).expect(404);
    const copied = await stranger.get(`/team/${other.id}/posts/new?from=${postId}`).expect(404);
    expect(copied.text).not.to.contain(fields['caption']);
    expect(await world.posts.findMany(other.id, [postId])).to.deep.equal([]);
    expect(await world.posts.findMany(world.team.id, [postId])).to.have.nested.property('[0].media.length', 1);
    for (const path of ['', '/cancellation', '/deletion'])
      await stranger.post(`/team/${other.id}/posts/${postId}${path}`).expect(404);
    for (const path of ['', '/edit', '/deliveries'])
      await stranger.get(`${world.address}/${postId}${path}`).expect(404);
  });

  it('S1: lets a viewer see posts and write none.', async () => {
    const { fields } = await fillForm(world);
    const postId = postIdIn(await send(fields));
    const viewer = await signInAs(world, 'viewer');
    const page = await viewer.get(`${world.address}/${postId}`).expect(200);
    expect(page.text).not.to.contain('/cancellation');
    await viewer.get(`${world.address}/new`).expect(403);
    await viewer.post(world.address, { ...fields, nonce: 'f'.repeat(32) }).expect(403);
    await viewer.post(`${world.address}/${postId}/cancellation`).expect(403);
    expect(await countPosts()).to.equal(1);
  });

  it('S3: takes only the fields of the form, whatever else a body holds.', async () => {
    const { fields } = await fillForm(world);
    const extra = {
      id: '77',
      team_id: '99',
      created_by: '99',
      state: 'published',
      fence: '9',
      revision: '9',
      publish_id: 'x',
      url: 'https://evil.example',
      verified: '1',
      __proto__x: '1',
      [`options.${fields['channels'] ?? ''}.__proto__`]: 'polluted',
      'declaration.other': 'x',
    };
    const postId = postIdIn(await send({ ...fields, ...extra }));
    expect(postId).not.to.equal(77);
    const [delivery] = await world.desk.ofPost(world.team.id, postId);
    expect(delivery).to.deep.include({ teamId: world.team.id, state: 'scheduled', revision: 1, url: null });
    expect(delivery?.options).to.deep.equal({ audience: 'everyone' });
  });

  it('S29: answers 413 above 1 MB or 1,000 fields and keeps nothing.', async () => {
    const { fields } = await fillForm(world);
    await send({ ...fields, caption: 'x'.repeat(1_100_000) }).expect(413);
    const many = Object.fromEntries(Array.from({ length: 1_001 }, (_, n) => [`field${n}`, 'x']));
    await send({ ...fields, ...many }).expect(413);
    expect(await countPosts()).to.equal(0);
    const long = await send({ ...fields, caption: 'x'.repeat(900_000) }).expect(422);
    expect(long.text).to.contain('The caption is longer than');
  });

  it('S20: shows captions and file names as text, in the form, on the page and in the list.', async () => {
    const payload = `"><svg onload=alert(1)></textarea><script>alert(1)</script>{{7*7}}\u202e\u2028`;
    await createVideo(world.db, { team: world.team, fileName: payload });
    const channel = await createChannel(world.db, { team: world.team, nickname: payload });
    const postId = postIdIn(await send({ caption: payload, channels: String(channel.id), act: 'draft' }));
    for (const path of [`/${postId}`, `/${postId}/edit`, '']) {
      const page = await world.browser.get(`${world.address}${path}`).expect(200);
      expect(page.text).not.to.contain('<svg onload').and.not.to.contain('<script>alert');
    }
  });
});
