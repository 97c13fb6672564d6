import { expect } from 'chai';
import { createTeam } from '../../support/factories.ts';
import { createChannel, fillForm, openPostsWorld, postIdIn, signInAs, type PostsWorld } from './posts-world.ts';

describe('the composer', () => {
  let world: PostsWorld;
  beforeEach(async () => {
    world = await openPostsWorld();
  });
  afterEach(() => world.close());

  const send = (fields: Readonly<Record<string, string | readonly string[]>>, at = world.address) =>
    world.browser.post(at, fields);
  const countPosts = async () => (await world.db.knex('posts').select('id')).length;

  it('schedules a post: one delivery per channel with its options, consent and job, in one go.', async () => {
    const { channel, video, fields } = await fillForm(world);
    const postId = postIdIn(await send(fields));
    const post = await world.posts.find(world.team.id, postId);
    expect(post).to.include({ caption: 'Saffron buns, batch one', state: 'scheduled' });
    expect(post.media.map(({ id }) => id)).to.deep.equal([video.id]);
    const [delivery] = await world.desk.ofPost(world.team.id, postId);
    expect(delivery).to.deep.include({ channelId: channel.id, state: 'scheduled', options: { audience: 'everyone' } });
    expect(delivery).to.include({
      dueWall: '2026-11-22T09:30',
      dueZone: 'Europe/Berlin',
      dueAt: Date.UTC(2026, 10, 22, 8, 30),
    });
    expect(delivery?.consent).to.deep.equal({
      by: world.editor.id,
      byName: world.editor.name,
      at: world.clock.now(),
      text: "By posting, you agree to Stubnet's Terms",
      options: { audience: 'everyone' },
    });
    const jobs = await world.db.knex('jobs').select('key', 'run_at');
    expect(jobs).to.deep.equal([{ key: String(delivery?.id), run_at: Date.UTC(2026, 10, 22, 8, 30) }]);
  });

  it('publishes immediately: due now, on the minute shown in the team.', async () => {
    const { fields } = await fillForm(world, { when: 'immediately', act: 'publish', date: '', time: '' });
    const postId = postIdIn(await send(fields));
    const [delivery] = await world.desk.ofPost(world.team.id, postId);
    expect(delivery).to.include({ dueAt: world.clock.now(), dueWall: '2026-11-21T13:00' });
  });

  it('keeps an unfinished draft as typed and brings it back for editing.', async () => {
    const channel = await createChannel(world.db, { team: world.team });
    const options = { [`options.${channel.id}.audience`]: '', [`options.${channel.id}.half`]: 'typed' };
    const answer = await send({
      ...options,
      channels: String(channel.id),
      caption: 'Not yet',
      act: 'draft',
      when: 'schedule',
    });
    const postId = postIdIn(answer);
    const [delivery] = await world.desk.ofPost(world.team.id, postId);
    expect(delivery).to.deep.include({ state: 'draft', consent: null, dueAt: null });
    expect(delivery?.options).to.deep.equal({ typed: { audience: '', half: 'typed' } });
    const page = await world.browser.get(`${world.address}/${postId}/edit`).expect(200);
    expect(page.text)
      .to.contain('Not yet</textarea>')
      .and.to.match(/name="when" value="schedule" checked/);
  });

  it('saves an empty form as a draft, and deletes it again.', async () => {
    const postId = postIdIn(await send({ act: 'draft' }));
    await world.browser.post(`${world.address}/${postId}/deletion`).expect(303).expect('Location', world.address);
    await world.browser.get(`${world.address}/${postId}`).expect(404);
    expect(await countPosts()).to.equal(0);
  });

  it('shows every problem at its field with 422, and loses nothing that was typed.', async () => {
    const { channel, fields } = await fillForm(world, {
      media: '',
      date: '2020-01-01',
      caption: 'Kept <b>letter</b> for letter',
    });
    const answer = await send({ ...fields, [`options.${channel.id}.audience`]: '' }).expect(422);
    expect(answer.text).to.contain('Choose a video.');
    expect(answer.text).to.contain('Choose who can see it.');
    expect(answer.text).to.contain('This time has passed: it is 13:00 now in Europe/Berlin.');
    expect(answer.text).to.contain('Kept &lt;b&gt;letter&lt;/b&gt; for letter</textarea>');
    expect(answer.text).to.match(/name="date"[^>]* value="2020-01-01"/);
    expect(answer.text).to.match(new RegExp(`value="${channel.id}"[^>]* checked`));
    expect(answer.text).to.match(/name="time"[^>]*aria-invalid="true"[^>]*aria-describedby/);
    expect(await countPosts()).to.equal(0);
  });

  it('tells what the network has against the caption at the caption and at the channel.', async () => {
    const { channel, fields } = await fillForm(world);
    world.network.problems = [{ field: 'caption', message: 'Stubnet takes 10 letters.' }];
    const answer = await send(fields).expect(422);
    expect(answer.text).to.contain(`${channel.nickname}: Stubnet takes 10 letters.`);
    expect(answer.text).to.match(/<textarea[^>]*aria-invalid="true"/);
  });

  it('R1: asks the network each time the form is drawn, for the chosen channels only.', async () => {
    const channel = await createChannel(world.db, { team: world.team });
    await createChannel(world.db, { team: world.team });
    await world.browser.get(`${world.address}/new`).expect(200);
    expect(world.network.asked).to.deep.equal([]);
    await world.browser.get(`${world.address}/options?channel=${channel.id}`).expect(200);
    await send({ channels: String(channel.id), act: 'options' }).expect(200);
    expect(world.network.asked).to.deep.equal([channel.id, channel.id]);
  });

  it("R3: names a channel that cannot post now with the network's reason, and takes no post for it.", async () => {
    const { channel, fields } = await fillForm(world);
    world.network.refusal = 'The daily limit is reached.';
    const fragment = await world.browser.get(`${world.address}/options?channel=${channel.id}`).expect(200);
    expect(fragment.text).to.contain('The daily limit is reached.').and.to.contain('stub_refused');
    const answer = await send(fields).expect(422);
    expect(answer.text).to.contain('The daily limit is reached. Try again later.');
    expect(await countPosts()).to.equal(0);
  });

  it('R7: begins a new post from another with its caption and file, and with nothing else chosen.', async () => {
    const { channel, video, fields } = await fillForm(world, {
      when: 'immediately',
      act: 'publish',
      date: '',
      time: '',
    });
    const postId = postIdIn(await send(fields));
    const { text } = await world.browser.get(`${world.address}/new?from=${postId}&channel=${channel.id}`).expect(200);
    expect(text)
      .to.contain('Saffron buns, batch one</textarea>')
      .and.to.match(new RegExp(`data-name="${video.fileName}"`))
      .and.to.match(new RegExp(`name="channels" value="${channel.id}"[^>]* checked`))
      .and.to.contain(`data-group="${channel.id}" data-waiting`);
    expect(text).not.to.contain(`name="options.${channel.id}`).and.not.to.contain(fields['nonce']);
    expect(text).to.match(/name="when" value="schedule" checked/);
  });

  it('works without script: options and files come with the form drawn again.', async () => {
    const { channel, video, fields } = await fillForm(world);
    const withOptions = await send({ ...fields, act: 'options' }).expect(200);
    expect(withOptions.text).to.contain(`name="options.${channel.id}.audience"`);
    const withFiles = await send({ ...fields, media: '', act: 'choose-media' }).expect(200);
    expect(withFiles.text)
      .to.match(/<dialog[^>]*id="choose-media"[^>]* open>/)
      .and.to.contain(`aria-label="${video.fileName}"`);
    const chosen = await send({ ...fields, act: 'use-media' }).expect(200);
    expect(chosen.text).to.match(new RegExp(`data-name="${video.fileName}"`));
    expect(await countPosts()).to.equal(0);
  });

  it('R25: takes nothing until the declaration that fits the choices stood above the button.', async () => {
    const { channel, fields } = await fillForm(world);
    const answer = await send({ ...fields, [`options.${channel.id}.audience`]: 'friends' }).expect(422);
    expect(answer.text).to.contain('Read this declaration').and.to.contain('Friends Policy');
    const agreed = { 'declaration.stubnet': "By posting, you agree to Stubnet's Terms and Friends Policy" };
    await send({ ...fields, ...agreed, [`options.${channel.id}.audience`]: 'friends' }).expect(303);
  });

  it('names paused and switched-off channels with the reason and takes no post for them.', async () => {
    const paused = await createChannel(world.db, { team: world.team, isPaused: true });
    const page = await world.browser.get(`${world.address}/new`).expect(200);
    expect(page.text)
      .to.match(new RegExp(`value="${paused.id}"[^>]* disabled`))
      .and.to.contain('· paused');
    const { fields } = await fillForm(world);
    const answer = await send({ ...fields, channels: String(paused.id) }).expect(422);
    expect(answer.text).to.contain(`${paused.nickname} is paused.`);
    world.network.isEnabled = false;
    expect((await send(fields).expect(422)).text).to.contain('its network is switched off');
  });

  it('P9: tells of a night on which the clocks jump before it saves, and then keeps what was chosen.', async () => {
    const { fields } = await fillForm(world, { date: '2027-03-28', time: '02:30' });
    const told = await send(fields).expect(422);
    expect(told.text).to.contain('The clocks in Europe/Berlin jump over 02:30 that day. It will be posted at 03:00.');
    expect(told.text).to.contain('name="dueSeen" value="2027-03-28T02:30"');
    const postId = postIdIn(await send({ ...fields, dueSeen: '2027-03-28T02:30' }));
    const [delivery] = await world.desk.ofPost(world.team.id, postId);
    expect(delivery).to.include({ dueWall: '2027-03-28T02:30', dueAt: Date.UTC(2027, 2, 28, 1) });
  });

  it('takes the current minute as now, and no earlier one.', async () => {
    world.clock.advance(30_000);
    const { fields } = await fillForm(world, { date: '2026-11-21', time: '13:00' });
    const postId = postIdIn(await send(fields));
    const [delivery] = await world.desk.ofPost(world.team.id, postId);
    expect(delivery?.dueAt).to.equal(world.clock.now());
    const { fields: late } = await fillForm(world, { date: '2026-11-21', time: '12:59' });
    await send(late).expect(422);
  });

  it('does nothing when the button and the choice of time disagree.', async () => {
    const { fields } = await fillForm(world, { act: 'publish' });
    const answer = await send(fields).expect(422);
    expect(answer.text).to.contain('You pressed Publish, but another time is chosen.');
  });

  it('says beside the fields how far away the time is, in the team’s zone.', async () => {
    const answer = await world.browser.get(`${world.address}/due?date=2026-11-22&time=09:30`).expect(200);
    expect(answer.text).to.contain('Europe/Berlin').and.to.contain('in 20 hours');
    const overlap = await world.browser.get(`${world.address}/due?date=2027-10-31&time=02:30`).expect(200);
    expect(overlap.text).to.contain('02:30 comes twice').and.to.contain('name="dueSeen"');
  });

  it('shows the declaration for what is chosen so far.', async () => {
    const { channel, fields } = await fillForm(world);
    const answer = await send(
      { ...fields, [`options.${channel.id}.audience`]: 'friends' },
      `${world.address}/declaration`,
    );
    expect(answer.text).to.contain('Friends Policy').and.to.contain('https://stubnet.example/terms');
    expect(answer.text).to.contain('It may take a few minutes');
  });

  describe('sent twice', () => {
    it('P4: answers the same post to the same form, also later.', async () => {
      const { fields } = await fillForm(world);
      const postId = postIdIn(await send(fields));
      world.clock.advance(3 * 86_400_000);
      const later = await world.signIn(world.editor);
      expect(postIdIn(await later.post(world.address, fields))).to.equal(postId);
    });

    it('P4: answers 409 to the same form with another body, and lets the member make it a new post.', async () => {
      const { fields } = await fillForm(world);
      const postId = postIdIn(await send(fields));
      const answer = await send({ ...fields, caption: 'Another caption' }).expect(409);
      expect(answer.text).to.contain('Make it a new post').and.to.contain(`href="${world.address}/${postId}"`);
      expect(await countPosts()).to.equal(1);
      const nonce = /name="nonce" value="([0-9a-f]{32})"/.exec(answer.text)?.[1] ?? '';
      const again = await send({ ...fields, nonce, caption: 'Another caption' });
      expect(postIdIn(again)).not.to.equal(postId);
    });

    it("P4: keeps two teams' forms apart that carry the same number.", async () => {
      const { fields } = await fillForm(world);
      await send(fields).expect(303);
      const other = await createTeam(world.db);
      const browser = await signInAs(world, 'editor', other);
      await browser.post(`/team/${other.id}/posts`, { nonce: fields['nonce'] ?? '', act: 'draft' }).expect(303);
      expect(await countPosts()).to.equal(2);
    });
  });
});
