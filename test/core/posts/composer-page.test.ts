import { expect } from 'chai';
import { createChannel, createVideo, fillForm, openPostsWorld, postIdIn, type PostsWorld } from './posts-world.ts';

describe('the page of the composer', () => {
  let world: PostsWorld;
  beforeEach(async () => {
    world = await openPostsWorld();
  });
  afterEach(() => world.close());

  it('asks no network before it is shown, with 50 channels and two of them chosen by the link.', async () => {
    const channels: { readonly id: number }[] = [];
    for (let n = 0; n < 50; n += 1) channels.push(await createChannel(world.db, { team: world.team }));
    const page = await world.browser.get(`${world.address}/new?channel=${channels[0]?.id}`).expect(200);
    expect(page.text.match(/name="channels"/g)).to.have.length(50);
    expect(page.text).to.contain('data-waiting');
    expect(world.network.asked).to.deep.equal([]);
  });

  it('begins at the date and time of the link.', async () => {
    const page = await world.browser.get(`${world.address}/new?date=2026-12-10&time=07:30`).expect(200);
    expect(page.text)
      .to.match(/name="date"[^>]* value="2026-12-10"/)
      .and.to.match(/name="time"[^>]* value="07:30"/);
  });

  it('keeps what was chosen for a channel until its network is asked, and hands it to its options then.', async () => {
    const { channel, fields } = await fillForm(world);
    const postId = postIdIn(await world.browser.post(world.address, fields));
    world.network.asked.length = 0;
    const page = await world.browser.get(`${world.address}/${postId}/edit`).expect(200);
    expect(page.text).to.contain(`name="options.${channel.id}.audience" value="everyone"`);
    expect(world.network.asked).to.deep.equal([]);
    const group = await world.browser.post(`${world.address}/options?channel=${channel.id}&post=${postId}`, fields);
    expect(group.text)
      .to.match(/value="everyone" selected/)
      .and.to.contain('data-asked-at="13:00:00"');
  });

  it('takes files in the order of the page, a cover, and one channel’s own caption.', async () => {
    const { channel, fields } = await fillForm(world);
    const files = [];
    for (let n = 0; n < 3; n += 1) files.push((await createVideo(world.db, { team: world.team })).id);
    const [one, two, three] = files;
    const own = { [`captions.${channel.id}`]: 'Only here', cover: '12000' };
    const media = { media: [String(one), String(two), String(three)], mediaOrder: `${three},${one}` };
    const postId = postIdIn(await world.browser.post(world.address, { ...fields, ...own, ...media }));
    const post = await world.posts.find(world.team.id, postId);
    expect(post.media.map(({ id }) => id)).to.deep.equal([three, one, two]);
    expect(post.cover).to.equal(12_000);
    const [delivery] = await world.desk.ofPost(world.team.id, postId);
    expect(delivery?.caption).to.equal('Only here');
    const shown = await world.browser.get(`${world.address}/${postId}`).expect(200);
    expect(shown.text).to.contain('Only here').and.to.contain('Cover at 0:12');
  });

  it('offers nine frames for the cover, spread over the video, and the chosen one besides.', async () => {
    const video = await createVideo(world.db, { team: world.team });
    const fields = { media: String(video.id), cover: '20500' };
    const chosen = await world.browser.post(`${world.address}/chosen-media`, fields).expect(200);
    expect(chosen.text.match(/name="cover"/g)).to.have.length(11);
    expect(chosen.text).to.match(/value="20500" aria-label="Frame at 0:20"[^>]* checked/);
    const none = await world.browser.post(`${world.address}/chosen-media`, { ...fields, act: 'remove-media' });
    expect(none.text).not.to.contain('name="cover"');
  });

  it('tells its script whether what it shows is stored anywhere', async () => {
    const { fields } = await fillForm(world);
    expect((await world.browser.get(`${world.address}/new`)).text).to.contain('data-kept="yes"');
    const older = await world.browser.post(world.address, { ...fields, act: 'older-media' }).expect(200);
    expect(older.text).to.contain('data-kept="no"');
    const refused = await world.browser.post(world.address, { ...fields, date: '' }).expect(422);
    expect(refused.text).to.contain('data-kept="no"');
  });

  it('tells what a channel has against a file chosen later, without asking its network once more.', async () => {
    const { channel, video, fields } = await fillForm(world);
    Object.assign(world.network.active.parts.composer, {
      fileProblems: (media: readonly { readonly fileName: string }[], longest: string | null) =>
        media.map(({ fileName }) => ({ message: `${fileName} is longer than ${longest}.` })),
    });
    const sent = { ...fields, [`longest.${channel.id}`]: '0:20' };
    const chosen = await world.browser.post(`${world.address}/chosen-media`, sent).expect(200);
    expect(chosen.text)
      .to.contain(`data-checked-for="${channel.id}"`)
      .and.to.contain(`data-media-problem="${video.fileName} is longer than 0:20."`);
    expect(world.network.asked).to.deep.equal([]);
  });

  it('duplicates a post with its channels, files and captions, and with no choice of options (R7).', async () => {
    const { channel, video, fields } = await fillForm(world);
    const own = { [`captions.${channel.id}`]: 'Only here' };
    const postId = postIdIn(await world.browser.post(world.address, { ...fields, ...own }));
    const post = await world.browser.get(`${world.address}/${postId}`).expect(200);
    expect(post.text).to.contain(`href="${world.address}/new?from=${postId}"`);
    const copy = await world.browser.get(`${world.address}/new?from=${postId}`).expect(200);
    expect(copy.text)
      .to.match(new RegExp(`name="channels" value="${channel.id}"[^>]* checked`))
      .and.to.contain(`data-name="${video.fileName}"`)
      .and.to.contain('Only here</textarea>')
      .and.not.to.contain(`name="options.${channel.id}.audience"`);
  });

  it('says on the post’s page why nothing can be taken back any more, and what to do instead.', async () => {
    const { fields } = await fillForm(world);
    const postId = postIdIn(await world.browser.post(world.address, fields));
    await world.db.knex('deliveries').update({ state: 'processing' });
    const page = await world.browser.get(`${world.address}/${postId}`).expect(200);
    expect(page.text)
      .to.contain('It can no longer be edited or cancelled here: Stubnet has all of it.')
      .and.to.contain('delete it in the Stubnet app')
      .and.not.to.contain('Cancel post');
  });

  it('shows a problem with one channel’s own caption at that caption.', async () => {
    const { channel, fields } = await fillForm(world);
    world.network.problems = [{ field: 'caption', message: 'Stubnet takes 10 letters.' }];
    const own = { [`captions.${channel.id}`]: 'Much too long for Stubnet' };
    const answer = await world.browser.post(world.address, { ...fields, ...own }).expect(422);
    expect(answer.text).to.match(new RegExp(`name="captions.${channel.id}"[^>]*aria-invalid="true"`));
    expect(answer.text).not.to.match(/name="caption"[^>]*aria-invalid/);
  });
});
