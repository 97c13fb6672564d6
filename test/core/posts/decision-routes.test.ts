import { expect } from 'chai';
import { parse } from 'node-html-parser';
import type { Publisher } from '#plugin-api';
import { fillForm, openPostsWorld, postIdIn, signInAs, type PostsWorld } from './posts-world.ts';

describe('deciding on the page of a post', () => {
  let world: PostsWorld;
  let at = '';
  let act = '';
  let deliveryId = 0;
  beforeEach(async () => {
    world = await openPostsWorld();
    const { fields } = await fillForm(world);
    const postId = postIdIn(await world.browser.post(world.address, fields));
    const [delivery] = await world.desk.ofPost(world.team.id, postId);
    deliveryId = delivery?.id ?? 0;
    at = `${world.address}/${postId}`;
    act = `${at}/deliveries/${deliveryId}`;
  });
  afterEach(() => world.close());

  const outcome = (mayBePosted: boolean) =>
    JSON.stringify({
      ...{ sentence: 'It no longer knows the upload.', who: 'network', nextStep: 'Look at the profile.' },
      ...{ code: 'status_unknown', logId: 'LOG7', mayBePosted, at: 0 },
    });
  /** Sent to its last byte, after which nobody knows what became of it. */
  const becomeInDoubt = async (): Promise<void> => {
    const { knex } = world.db;
    await knex('deliveries').update({
      state: 'needs-attention',
      outcome: outcome(true),
      outcome_code: 'status_unknown',
    });
    await knex('attempts').insert({
      ...{ delivery_id: deliveryId, n: 1, plugin: 'stubnet', credential_id: 1, revision: 1, started_at: 1 },
      ...{ point_of_no_return_at: 2, outcome: 'open', reference: 'r1' },
    });
  };
  const state = async () => (await world.desk.find(world.team.id, deliveryId)).state;
  const buttons = (html: string) =>
    parse(html)
      .querySelectorAll('main button')
      .map((one) => one.text.trim());
  const four = ['Check again', 'It is on Stubnet', 'It is not on Stubnet', 'Drop'];

  it('offers a manager the four decisions, each with what follows from it, and an editor the name of who may', async () => {
    await becomeInDoubt();
    const manager = await signInAs(world, 'manager');
    const page = (await manager.get(at).expect(200)).text;
    expect(buttons(page)).to.deep.equal(four);
    expect(page)
      .to.contain('Asks Stubnet once more what became of it. Sends nothing.')
      .and.to.contain('Type “again” to confirm')
      .and.to.contain('Stops here and leaves Stubnet as it is.');
    const editors = (await world.browser.get(at).expect(200)).text;
    expect(buttons(editors)).to.deep.equal([]);
    expect(editors).to.contain('A manager or an owner of the team decides what happens.');
    for (const path of ['check', 'posted', 'not-posted', 'drop'])
      await world.browser.post(`${act}/${path}`).expect(403);
    expect(await state()).to.equal('needs-attention');
  });

  it('says from when on it can be told that the post is not there, and takes it only then', async () => {
    await becomeInDoubt();
    await world.db.knex('attempts').update({ point_of_no_return_at: world.clock.now() });
    const manager = await signInAs(world, 'manager');
    const page = (await manager.get(at).expect(200)).text;
    expect(buttons(page)).to.deep.equal(['Check again', 'It is on Stubnet', 'Drop']);
    expect(parse(page).querySelector('.cd-choices')?.text).to.match(
      /Parts of the file may still arrive until \S.*\d\d:\d\d/u,
    );
    const early = await manager.post(`${act}/not-posted`, { confirmation: 'again' }).expect(409);
    expect(early.text).to.contain('nobody can know yet that it is not there');
    expect(await state()).to.equal('needs-attention');
  });

  it('takes each decision once, says what follows, and answers a second one with 409', async () => {
    const manager = await signInAs(world, 'manager');
    const decisions = [
      ['check', {}, 'processing', 'Stubnet is being asked once more.'],
      ['posted', { link: ' https://stubnet.example/v/9 ' }, 'published', 'Published, as you said. The link is kept.'],
      ['not-posted', { confirmation: ' Again ' }, 'scheduled', 'It is being sent again.'],
      ['drop', {}, 'cancelled', 'Dropped. Nothing more is sent.'],
    ] as const;
    for (const [path, fields, becomes, says] of decisions) {
      await world.db.knex('attempts').delete();
      await becomeInDoubt();
      await manager.post(`${act}/${path}`, fields).expect(303).expect('Location', at);
      expect(await state(), path).to.equal(becomes);
      expect((await manager.get(at)).text, path).to.contain(says);
      const again = await manager.post(`${act}/${path}`, fields).expect(409);
      expect(again.text).to.contain('This no longer waits for a decision');
    }
    expect((await manager.get(at)).text)
      .to.contain('Nobody knows whether it was posted.')
      .and.to.contain('data-state="cancelled" data-code="dropped"');
  });

  it('keeps what was typed and says at the field what is wrong with it, deciding nothing', async () => {
    await becomeInDoubt();
    const manager = await signInAs(world, 'manager');
    const wrong = [
      ['posted', 'link', '', 'Paste the link of the post here'],
      ['posted', 'link', 'stubnet.example/v/9', 'This is no link.'],
      ['posted', 'link', 'javascript:alert(1)', 'This is no link.'],
      ['posted', 'link', `https://stubnet.example/${'a'.repeat(2_000)}`, 'This is no link.'],
      ['not-posted', 'confirmation', '', 'Type the word “again” here'],
      ['not-posted', 'confirmation', 'yes', 'Type the word “again” here'],
    ] as const;
    for (const [path, field, typed, says] of wrong) {
      const answer = await manager.post(`${act}/${path}`, { [field]: typed }).expect(422);
      const input = parse(answer.text).querySelector(`input[name=${field}]`);
      expect(input?.getAttribute('value'), typed).to.equal(typed);
      expect(input?.getAttribute('aria-invalid'), typed).to.equal('true');
      const described = parse(answer.text).querySelector(`[id="${input?.getAttribute('aria-describedby') ?? ''}"]`);
      expect(described?.text, typed).to.contain(says);
      expect(buttons(answer.text)).to.deep.equal(four);
    }
    expect(await state()).to.equal('needs-attention');
  });

  it('says at the field that another post has the link, and keeps what was typed', async () => {
    const { fields } = await fillForm(world);
    await world.browser.post(world.address, fields);
    const link = 'https://stubnet.example/v/9';
    await world.db.knex('deliveries').whereNot({ id: deliveryId }).update({ state: 'published', url: link });
    const { channelId } = await world.desk.find(world.team.id, deliveryId);
    await world.db.knex('deliveries').update({ channel_id: channelId });
    await becomeInDoubt();
    await world.db.knex('deliveries').whereNot({ id: deliveryId }).update({ state: 'published', outcome: null });
    const manager = await signInAs(world, 'manager');
    const answer = await manager.post(`${act}/posted`, { link }).expect(422);
    expect(answer.text).to.contain('Another post to this account has this link already.');
    expect(parse(answer.text).querySelector('input[name=link]')?.getAttribute('value')).to.equal(link);
    expect(await state()).to.equal('needs-attention');
  });

  it('lets the network’s plugin read the link: its problem at the field, its id and address kept', async () => {
    await becomeInDoubt();
    const manager = await signInAs(world, 'manager');
    const readLink: Publisher['readLink'] = (typed, channel) =>
      typed.endsWith(`/${channel.accountId}/7`)
        ? { remoteId: '7', url: 'https://stubnet.example/v/7' }
        : { problem: 'This is the post of somebody else.' };
    Object.assign(world.network.active.parts.publisher, { readLink });
    const refused = await manager.post(`${act}/posted`, { link: 'https://stubnet.example/other/7' }).expect(422);
    expect(refused.text).to.contain('This is the post of somebody else.');
    const [channel] = await world.db.knex('channels').select<{ account_id: string }[]>('account_id');
    await manager.post(`${act}/posted`, { link: `https://stubnet.example/${channel?.account_id ?? ''}/7` }).expect(303);
    const published = await world.desk.find(world.team.id, deliveryId);
    expect(published).to.include({ state: 'published', url: 'https://stubnet.example/v/7' });
    expect(published.remoteIds).to.deep.equal(['7']);
  });

  it('offers Drop beside Retry for what was certainly not posted, and for what failed', async () => {
    const manager = await signInAs(world, 'manager');
    const become = (facts: object) => world.db.knex('deliveries').update({ outcome: outcome(false), ...facts });
    await become({ state: 'needs-attention' });
    expect(buttons((await manager.get(at)).text)).to.deep.equal(['Retry', 'Drop']);
    expect(buttons((await world.browser.get(at)).text), 'an editor').to.deep.equal(['Retry']);
    await manager.post(`${act}/drop`).expect(303);
    expect(await state()).to.equal('cancelled');
    await become({ state: 'failed' });
    expect(buttons((await world.browser.get(at)).text)).to.deep.equal(['Retry', 'Drop']);
    await world.browser.post(`${act}/dismissal`).expect(303).expect('Location', at);
    expect(await state()).to.equal('cancelled');
    await world.browser.post(`${act}/dismissal`).expect(409);
    const page = (await world.browser.get(at)).text;
    expect(page).to.contain('It was not posted.').and.not.to.contain('It may have been posted');
  });

  it('shows what became of a post whose rows cannot be read any more, as a draft, too', async () => {
    const manager = await signInAs(world, 'manager');
    const unreadable = { options: '{"typed":', consent: '{', outcome: '{', remote_ids: '[' };
    for (const state of ['failed', 'needs-attention', 'published'] as const) {
      await world.db.knex('deliveries').update({ ...unreadable, state });
      expect((await manager.get(at).expect(200)).text, state).to.contain(`data-state="${state}"`);
    }
    await world.db.knex('deliveries').update({ state: 'draft', due_at: null, due_wall: null, due_zone: null });
    await manager.get(at).expect(200);
    await manager.get(`${at}/edit`).expect(200);
  });

  it('S1: decides only below the delivery’s own post and team, and S5: only with the session’s token', async () => {
    await becomeInDoubt();
    const manager = await signInAs(world, 'manager');
    const { fields } = await fillForm(world);
    const other = postIdIn(await world.browser.post(world.address, fields));
    for (const path of ['check', 'posted', 'not-posted', 'drop', 'dismissal']) {
      await manager.post(`${world.address}/${other}/deliveries/${deliveryId}/${path}`).expect(404);
      await manager.post(`${at}/deliveries/999999/${path}`).expect(404);
      await manager.post(`${at}/deliveries/x/${path}`).expect(404);
      const forged = manager.send('post', `${act}/${path}`).set('Origin', world.publicUrl).type('form');
      await forged.send('link=https://stubnet.example/v/9&confirmation=again').expect(403);
    }
    expect(await state()).to.equal('needs-attention');
  });
});
