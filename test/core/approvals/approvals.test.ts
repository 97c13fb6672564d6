import { expect } from 'chai';
import { parse } from 'node-html-parser';
import type { Role } from '../../../core/auth/permissions.ts';
import type { TestBrowser } from '../../support/app.ts';
import { createMember, createTeam } from '../../support/factories.ts';
import { createChannel, fillForm, openPostsWorld, postIdIn, type PostsWorld, signInAs } from '../posts/posts-world.ts';

describe('posts that wait for approval', () => {
  let world: PostsWorld;
  let manager: TestBrowser;
  let mo: { readonly id: number };
  beforeEach(async () => {
    world = await openPostsWorld();
    await world.db.knex('teams').where({ id: world.team.id }).update({ needs_approval: true });
    mo = await createMember(world.db, { team: world.team, role: 'manager', name: 'Mo Lund' });
    manager = await world.signIn(mo);
  });
  afterEach(() => world.close());

  const submit = async (browser: TestBrowser = world.browser, more: Readonly<Record<string, string>> = {}) => {
    const { fields } = await fillForm(world, more);
    const postId = postIdIn(await browser.post(world.address, fields));
    return { postId, fields, at: `${world.address}/${postId}` };
  };
  const submitToTwo = async () => {
    const { fields, channel } = await fillForm(world);
    const second = await createChannel(world.db, { team: world.team });
    const both = {
      ...fields,
      channels: [String(channel.id), String(second.id)],
      [`options.${second.id}.audience`]: 'everyone',
    };
    const postId = postIdIn(await world.browser.post(world.address, both));
    const [, other] = await world.desk.ofPost(world.team.id, postId);
    return { postId, fields, at: `${world.address}/${postId}`, otherId: other?.id ?? 0 };
  };
  const page = async (browser: TestBrowser, at: string) => parse((await browser.get(at).expect(200)).text);
  const seenAt = async (at: string) =>
    (await page(manager, at)).querySelector('[data-approval] [name=seen]')?.getAttribute('value') ?? '';
  const delivery = async (postId: number) => (await world.desk.ofPost(world.team.id, postId))[0];

  it('say so to their author, and are approved by a manager at one press', async () => {
    const { postId, at } = await submit();
    const own = await page(world.browser, at);
    expect(own.querySelector('[data-approval]')?.text)
      .to.contain('Waits for approval')
      .and.to.contain('is to go out at');
    expect(own.querySelector('[data-approval] form')).to.equal(null);
    expect(own.querySelector('[data-hold=approval]')).not.to.equal(null);
    await manager.post(`${at}/approval`, { seen: await seenAt(at) }).expect(303);
    expect(await delivery(postId)).to.include({ state: 'scheduled', hold: null, needsApproval: false });
    const after = await page(manager, at);
    expect(after.querySelector('[data-approval]')).to.equal(null);
    expect(after.text).to.contain('Approved by Mo Lund');
    expect(after.querySelector('[aria-labelledby^=timeline]')?.text).to.contain('Approved by Mo Lund.');
    await manager.post(`${at}/approval`, { seen: '1:1' }).expect(409);
  });

  it('say on the button that they go out at once where their time has passed', async () => {
    const { at } = await submit();
    expect((await page(manager, at)).querySelector('[data-approval] button')?.text.trim()).to.equal('Approve');
    const later = async () => {
      world.clock.advance(40 * 3_600_000);
      manager = await world.signIn(mo);
    };
    await later();
    const late = await page(manager, at);
    expect(late.querySelector('[data-approval] button')?.text.trim()).to.equal('Approve and post at once');
    await later();
    const answer = await manager.post(`${at}/approval`, { seen: await seenAt(at) }).expect(409);
    expect(answer.text).to.contain('Edit it and give it a new time');
  });

  it('go back to their author with a comment, as drafts that keep their time', async () => {
    const { postId, at } = await submit();
    const dialog = await page(manager, `${at}?send-back`);
    expect(dialog.querySelector('#send-back')?.hasAttribute('open')).to.equal(true);
    const seen = await seenAt(at);
    const empty = await manager.post(`${at}/return`, { seen, comment: ' ' }).expect(422);
    expect(empty.text).to.contain('Say what should change');
    const comment = 'Say <b>when</b> we open.\nAnd where.';
    await manager.post(`${at}/return`, { seen, comment }).expect(303);
    expect(await delivery(postId)).to.include({ state: 'draft', dueAt: null });
    const post = await world.posts.find(world.team.id, postId);
    expect(post).to.deep.include({ version: 2, planned: { date: '2026-11-22', time: '09:30' } });
    expect((await delivery(postId))?.options, 'as drafts keep them').to.deep.equal({ typed: { audience: 'everyone' } });
    const own = await page(world.browser, at);
    expect(own.querySelector('.cd-comment')?.innerHTML).to.contain('Say &lt;b&gt;when&lt;/b&gt; we open.');
    expect(own.text).to.contain('Mo Lund sent it back');
    const note = (await page(world.browser, `${at}/edit`)).querySelector('[data-returned]');
    expect(note?.text, 'where it is changed').to.contain('Mo Lund sent it back').and.to.contain('And where.');
    const told = await world.db
      .knex('notification_recipients as r')
      .join('notifications as n', 'n.id', 'r.notification_id')
      .select<{ kind: string; user_id: number; mail: string }[]>('n.kind', 'r.user_id', 'r.mail');
    expect(told).to.have.deep.members([
      { kind: 'posts-submitted', user_id: mo.id, mail: 'waiting' },
      { kind: 'post-sent-back', user_id: world.editor.id, mail: 'waiting' },
    ]);
  });

  it('tell their author the comment, and are kept while written, where another channel was cancelled before', async () => {
    const { postId, at, fields, otherId } = await submitToTwo();
    await world.desk.cancel(world.editor, world.team.id, otherId);
    await manager.post(`${at}/return`, { seen: await seenAt(at), comment: 'Brighter, please.' }).expect(303);
    expect((await page(world.browser, at)).querySelector('.cd-comment')?.text).to.contain('Brighter, please.');
    const { version } = await world.posts.find(world.team.id, postId);
    const words = { ...fields, version: String(version), caption: 'Brighter' };
    const kept = await world.browser.post(`${at}/draft`, words).expect(200);
    expect(parse(kept.text).querySelector('[data-kept-as]')?.getAttribute('data-kept-as')).to.equal('draft');
    expect(await world.posts.find(world.team.id, postId)).to.include({ caption: 'Brighter' });
    const states = (await world.desk.ofPost(world.team.id, postId)).map(({ state }) => state);
    expect(states).to.deep.equal(['draft', 'cancelled']);
  });

  it('go on as a post of its own, with all that was typed, where another channel of what was sent back begins', async () => {
    const { postId, at, fields, otherId } = await submitToTwo();
    const [first] = await world.desk.ofPost(world.team.id, postId);
    const own = { caption: 'For this channel', due_wall: '2026-11-22T09:30' };
    await world.db.knex('deliveries').where({ post_id: postId }).update(own);
    await world.db.knex('deliveries').where({ id: otherId }).update({ needs_approval: false, hold: null });
    await world.db.knex('working_copies').insert({
      ...{ post_id: postId, user_id: world.editor.id, version: 1, updated_at: 1 },
      form: JSON.stringify({
        ...{ caption: 'Unsaved', captions: [], channelIds: [], mediaIds: [], cover: null, options: [] },
        ...{ when: 'draft', date: '', time: '' },
      }),
    });
    expect((await page(world.browser, at)).querySelector('[data-stuck]')).to.equal(null);
    await world.browser.post(`${at}/separation`).expect(409);
    await manager.post(`${at}/return`, { seen: await seenAt(at), comment: 'Brighter, please.' }).expect(303);
    expect((await page(world.browser, at)).querySelector('[data-stuck]'), 'it can be edited').to.equal(null);
    await world.db.knex('deliveries').where({ id: otherId }).update({ state: 'publishing' });
    await world.browser.get(`${at}/edit`).expect(409);

    const stuck = await page(world.browser, at);
    expect(stuck.querySelector('.cd-comment')?.text).to.contain('Brighter, please.');
    expect(stuck.querySelector('[data-stuck] p')?.text).to.contain('another channel of this post has begun');
    const action = stuck.querySelector('[data-stuck] form')?.getAttribute('action') ?? '';
    const answer = await world.browser.post(action).expect(303);
    const edit = String(answer.headers['location']);
    const apart = Number(/\/posts\/(\d+)\/edit$/.exec(edit)?.[1]);
    expect((await world.desk.ofPost(world.team.id, postId)).map(({ id }) => id)).to.deep.equal([otherId]);
    expect(await world.posts.find(world.team.id, postId)).to.include({ state: 'publishing' });
    const [draft, ...more] = await world.desk.ofPost(world.team.id, apart);
    expect(more).to.deep.equal([]);
    expect(draft).to.include({ id: first?.id, state: 'draft', caption: 'For this channel' });
    expect(draft?.options).to.deep.equal({ typed: { audience: 'everyone' } });
    const post = await world.posts.find(world.team.id, apart);
    const [told] = await world.db
      .knex('notifications')
      .where({ kind: 'post-sent-back', subject_id: apart })
      .select<{ facts: string }[]>('facts');
    expect(told?.facts, 'where its author is led').to.contain(`"postId":${apart},`);
    const kept = { caption: fields['caption'], state: 'draft', dueAt: null };
    expect(post)
      .to.include(kept)
      .and.to.deep.include({ planned: { date: '2026-11-22', time: '09:30' } });
    expect(post.media.map(({ id }) => String(id))).to.deep.equal([fields['media']]);
    expect(post.createdBy?.id).to.equal(world.editor.id);
    const form = await page(world.browser, edit);
    expect(form.querySelector('[data-returned]')?.text).to.contain('Brighter, please.');
    expect(form.querySelector('[name=caption]')?.text, 'what was not saved').to.contain('Unsaved');
    await world.browser.post(action).expect(409);
  });

  it('are sent back also where another channel has begun or failed', async () => {
    const { postId, at, otherId } = await submitToTwo();
    const row = { state: 'failed', needs_approval: false, hold: null };
    await world.db.knex('deliveries').where({ id: otherId }).update(row);
    await manager.post(`${at}/return`, { seen: await seenAt(at), comment: 'No.' }).expect(303);
    expect(await delivery(postId)).to.include({ state: 'draft', needsApproval: false });
    const answer = await world.browser.post(`${at}/separation`).expect(303);
    expect(answer.headers['location']).to.match(/\/edit$/);
  });

  it('are decided about as they were shown: an edit in between says so', async () => {
    const { at, fields } = await submit();
    const seen = await seenAt(at);
    await world.browser.post(at, { ...fields, version: '1', caption: 'Another one' }).expect(303);
    await manager.post(`${at}/approval`, { seen }).expect(409);
    await manager.post(`${at}/return`, { seen, comment: 'No.' }).expect(409);
    await manager.post(`${at}/approval`, { seen: await seenAt(at) }).expect(303);
  });

  it('stand under Needs attention for managers and owners, the next due first', async () => {
    const first = await submit(world.browser, { caption: 'First', date: '2026-11-23' });
    await submit(world.browser, { caption: 'Second', date: '2026-11-24' });
    await submit(manager, { caption: 'My own' });
    const at = `/team/${world.team.id}/attention`;
    const rows = (await page(manager, at)).querySelectorAll('[data-approval]');
    expect(rows.map((row) => row.querySelector('.t-strong')?.text)).to.deep.equal(['First', 'Second']);
    expect(rows[0]?.querySelector('a.btn')?.getAttribute('href')).to.equal(first.at);
    expect((await page(manager, at)).querySelector('.sub')?.text).to.contain('2 things');
    for (const role of ['editor', 'viewer'] as const) {
      expect((await page(await signInAs(world, role), at)).text, role).to.contain('All is well');
    }
  });

  it('S1: are approved and sent back by managers and owners of this team only', async () => {
    const { postId, at } = await submit();
    const seen = await seenAt(at);
    const elsewhere = await createTeam(world.db);
    const foreign = await world.signIn(await createMember(world.db, { team: elsewhere, role: 'owner' }));
    for (const act of ['approval', 'return']) {
      for (const role of ['viewer', 'editor'] as const satisfies readonly Role[]) {
        await (await signInAs(world, role)).post(`${at}/${act}`, { seen, comment: 'No.' }).expect(403);
      }
      await foreign.post(`${at}/${act}`, { seen, comment: 'No.' }).expect(404);
      await foreign.post(`/team/${elsewhere.id}/posts/${postId}/${act}`, { seen, comment: 'No.' }).expect(404);
    }
    expect(await delivery(postId)).to.include({ needsApproval: true, revision: 1 });
  });
});
