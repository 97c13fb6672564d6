import { expect } from 'chai';
import { parse } from 'node-html-parser';
import {
  createChannel,
  createVideo,
  fillForm,
  openPostsWorld,
  postIdIn,
  signInAs,
  type PostsWorld,
} from './posts-world.ts';

describe('the page of a post', () => {
  let world: PostsWorld;
  beforeEach(async () => {
    world = await openPostsWorld();
  });
  afterEach(() => world.close());

  const schedule = async (more: Readonly<Record<string, string>> = {}) => {
    const filled = await fillForm(world, more);
    const postId = postIdIn(await world.browser.post(world.address, filled.fields));
    const [delivery] = await world.desk.ofPost(world.team.id, postId);
    if (delivery === undefined) throw new Error('The post has no delivery.');
    return { ...filled, postId, delivery, at: `${world.address}/${postId}` };
  };
  const show = async (at: string) => (await world.browser.get(at).expect(200)).text;
  const become = (facts: Readonly<Record<string, string | number | null>>) => world.db.knex('deliveries').update(facts);
  const because = (more: object) =>
    JSON.stringify({
      sentence: 'The video is too long.',
      who: 'you',
      nextStep: 'Trim it.',
      code: 'too_long',
      logId: 'LOG1',
      mayBePosted: false,
      at: 0,
      ...more,
    });

  it('shows the delivery with state, due time, choices, consent, file and timeline.', async () => {
    const { channel, delivery, video, at } = await schedule();
    const page = await show(at);
    expect(page).to.contain(`data-delivery="${delivery.id}" data-channel="${channel.id}" data-state="scheduled"`);
    expect(page)
      .to.contain('Due: 22 Nov, 09:30, Europe/Berlin.')
      .and.to.contain(video.fileName)
      .and.to.contain('0:34 · 1080 × 1920');
    expect(page).to.contain('<dt>Privacy</dt><dd>everyone</dd>').and.to.contain(`${world.editor.name} agreed on`);
    expect(page)
      .to.match(new RegExp(`<ol class="cd-line[^>]*aria-labelledby="timeline-${delivery.id}"`))
      .and.to.contain('>Timeline</span>');
    expect(page).to.contain('Cancel post').and.to.contain('Edit</a>').and.not.to.contain('Retry</button>');
  });

  it('shows all photos in the order of the post, one of them as the cover.', async () => {
    const photos = [];
    for (let n = 0; n < 3; n += 1) photos.push(await createVideo(world.db, { team: world.team }));
    await world.db.knex('media').update({ kind: 'picture', type: 'image/jpeg', duration_ms: null, codec: null });
    const [one, two, three] = photos.map(({ id }) => String(id));
    const { fields } = await fillForm(world);
    const chosen = { media: [one ?? '', two ?? '', three ?? ''], mediaOrder: [three, one, two].join(','), cover: '1' };
    const postId = postIdIn(await world.browser.post(world.address, { ...fields, ...chosen }));
    const page = parse(await show(`${world.address}/${postId}`));
    const shown = page.querySelectorAll('[data-photo]');
    expect(shown.map((photo) => photo.getAttribute('data-photo'))).to.deep.equal([three, one, two]);
    expect(shown.map((photo) => photo.querySelector('[data-cover]')?.text)).to.deep.equal([
      undefined,
      'Cover',
      undefined,
    ]);
    await world.db.knex('posts').where({ id: postId }).update({ cover: null });
    const first = parse(await show(`${world.address}/${postId}`)).querySelector('[data-photo]');
    expect(first?.querySelector('[data-cover]')?.text, 'by itself the first').to.equal('Cover');
  });

  it('shows how far the upload is, and that it goes on by itself.', async () => {
    const { at } = await schedule();
    await become({ state: 'publishing', percent: 62 });
    const page = await show(at);
    expect(page)
      .to.match(/<progress max="100" value="62"/)
      .and.to.contain('data-final="false"');
    expect(await show(`${at}/deliveries`))
      .to.contain('data-live-part="cards" data-final="false"')
      .and.not.to.contain('<html');
  });

  it('R34: says why it failed, who can fix it and how, with code and log_id, and offers Retry.', async () => {
    const { delivery, at } = await schedule();
    await become({ state: 'failed', outcome_code: 'too_long', outcome: because({}) });
    const page = await show(at);
    expect(page).to.contain('data-state="failed" data-code="too_long"');
    expect(page)
      .to.contain('The video is too long.')
      .and.to.contain('You can fix this. Trim it.')
      .and.to.contain('<dd>LOG1</dd>');
    expect(page).to.contain(`action="${at}/deliveries/${delivery.id}/retry"`).and.to.contain('Retry</button>');
    await world.browser.post(`${at}/deliveries/${delivery.id}/retry`).expect(303).expect('Location', at);
    expect(await world.desk.find(world.team.id, delivery.id)).to.include({ state: 'scheduled' });
    await world.browser.post(`${at}/deliveries/${delivery.id}/retry`).expect(409);
  });

  it('says of a delivery that needs attention whether it may have been posted, and offers nothing that repeats it.', async () => {
    const { at } = await schedule();
    await become({ state: 'needs-attention', outcome: because({ mayBePosted: true }) });
    const page = await show(at);
    expect(page).to.contain('It may have been posted: look before trying again.').and.not.to.contain('Retry</button>');
    await become({ state: 'needs-attention', outcome: because({}) });
    expect(await show(at)).to.contain('It was not posted. Nothing is sent until a person decides.');
  });

  it('offers Retry for what needs attention and was certainly not posted, so that nobody stands before a dead end.', async () => {
    const { delivery, channel, at } = await schedule();
    await become({ state: 'needs-attention', outcome_code: 'missed_window', outcome: because({}) });
    expect(await show(at))
      .to.contain(`action="${at}/deliveries/${delivery.id}/retry"`)
      .and.to.contain('Retry sends it now.');
    await world.db.knex('channels').where({ id: channel.id }).update({ disconnected_at: 1 });
    expect(await show(at), 'a disconnected channel takes nothing').not.to.contain('Retry</button>');
    await world.db.knex('channels').where({ id: channel.id }).update({ disconnected_at: null });
    await world.browser.post(`${at}/deliveries/${delivery.id}/retry`).expect(303).expect('Location', at);
    expect(await world.desk.find(world.team.id, delivery.id)).to.include({ state: 'scheduled', outcome: null });
  });

  it('offers a new post from one whose content was refused, beside Retry, and never from what may be posted.', async () => {
    const { channel, postId, at } = await schedule();
    const link = `href="${world.address}/new?from=${postId}&amp;channel=${channel.id}"`;
    await become({ state: 'failed', outcome: because({}) });
    expect(await show(at))
      .to.contain(link)
      .and.to.contain('New post from this one</a>')
      .and.to.contain('Retry</button>');
    await become({ state: 'needs-attention', outcome: because({}) });
    expect(await show(at)).to.contain(link);
    await become({ state: 'needs-attention', outcome: because({ mayBePosted: true }) });
    expect(await show(at)).not.to.contain('from=');
    await become({ state: 'failed', outcome: because({ who: 'network' }) });
    expect(await show(at)).not.to.contain(link);
  });

  it('links to what was published, or says why there is no link.', async () => {
    const { at } = await schedule();
    await become({ state: 'published', published_at: world.clock.now(), url: 'https://stubnet.example/v/1' });
    expect(await show(at))
      .to.contain('href="https://stubnet.example/v/1"')
      .and.to.contain('View on Stubnet');
    await become({ url: null, outcome: because({ sentence: 'A private post has no public link.', nextStep: '' }) });
    expect(await show(at))
      .to.contain('A private post has no public link.')
      .and.to.contain('data-final="true"');
    await become({ link_pending: 1, outcome: null });
    expect(await show(at))
      .to.contain('The public link is not known yet.')
      .and.to.contain('data-final="false"');
  });

  it('names what a delivery waits for.', async () => {
    const { channel, at } = await schedule();
    await become({ hold: 'reconnect' });
    const held = await show(at);
    expect(held)
      .to.contain('data-hold="reconnect"')
      .and.to.contain(`Waits because ${channel.nickname} needs to be reconnected.`);
    await become({ hold: null });
    await world.db.knex('channels').update({ is_paused: true });
    expect(await show(at)).to.contain(`Waits because ${channel.nickname} is paused.`);
  });

  it('P15: cancels the post, and answers 409 once nothing can be taken back.', async () => {
    const { delivery, at } = await schedule();
    await world.browser.post(`${at}/cancellation`).expect(303).expect('Location', at);
    expect(await world.desk.find(world.team.id, delivery.id)).to.include({ state: 'cancelled' });
    const again = await world.browser.post(`${at}/cancellation`).expect(409);
    expect(again.text).to.contain('There is nothing left to cancel in this post.');
    await become({ state: 'processing' });
    const late = await world.browser.post(`${at}/cancellation`).expect(409);
    expect(late.text).to.contain('This post is already being published.');
  });

  it('cancels one channel of several and lets the rest go on.', async () => {
    const added = await createChannel(world.db, { team: world.team });
    const filled = await fillForm(world, { [`options.${added.id}.audience`]: 'everyone' });
    const channels = [String(filled.channel.id), String(added.id)];
    const postId = postIdIn(await world.browser.post(world.address, { ...filled.fields, channels }));
    const [one, other] = await world.desk.ofPost(world.team.id, postId);
    const at = `${world.address}/${postId}`;
    expect(await show(at)).to.contain(`Cancel for ${added.nickname}`);
    await world.browser.post(`${at}/deliveries/${one?.id ?? 0}/cancellation`).expect(303);
    const states = (await world.desk.ofPost(world.team.id, postId)).map(({ id, state }) => [id, state]);
    expect(states).to.deep.equal([
      [one?.id, 'cancelled'],
      [other?.id, 'scheduled'],
    ]);
    expect(await world.posts.find(world.team.id, postId)).to.include({ state: 'scheduled' });
  });

  it('S1: acts on a delivery only below its own post and team.', async () => {
    const { delivery, at } = await schedule();
    const second = await schedule();
    for (const act of ['cancellation', 'retry']) {
      await world.browser.post(`${second.at}/deliveries/${delivery.id}/${act}`).expect(404);
      await world.browser.post(`${at}/deliveries/999999/${act}`).expect(404);
      await world.browser.post(`${at}/deliveries/1e3/${act}`).expect(404);
    }
    expect(await world.desk.find(world.team.id, delivery.id)).to.include({ state: 'scheduled' });
  });

  it('S5: changes nothing without the session’s token.', async () => {
    const { delivery, at } = await schedule();
    for (const path of [
      '/cancellation',
      '/deletion',
      `/deliveries/${delivery.id}/cancellation`,
      `/deliveries/${delivery.id}/retry`,
      '',
    ])
      await world.browser
        .send('post', `${at}${path}`)
        .set('Origin', world.publicUrl)
        .type('form')
        .send('act=draft')
        .expect(403);
    expect(await world.desk.find(world.team.id, delivery.id)).to.include({ state: 'scheduled', revision: 1 });
  });

  it('deletes only drafts.', async () => {
    const { at } = await schedule();
    const answer = await world.browser.post(`${at}/deletion`).expect(409);
    expect(answer.text).to.contain('Only a draft can be deleted.');
  });

  it('answers what is no post with 404.', async () => {
    for (const id of ['0', '999', 'abc', '1.5', '99999999999999999999', '%00']) {
      const { status } = await world.browser.get(`${world.address}/${id}`);
      expect([400, 404], id).to.include(status);
    }
  });

  it('shows a viewer everything and no button.', async () => {
    const { at } = await schedule();
    const viewer = await signInAs(world, 'viewer');
    const page = await viewer.get(at).expect(200);
    expect(page.text).to.contain('data-delivery').and.not.to.contain('/cancellation').and.not.to.contain('/edit');
  });
});
