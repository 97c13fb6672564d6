import { expect } from 'chai';
import { findWorkingCopy } from '../../../core/posts/working-copy-store.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { fillForm, openPostsWorld, postIdIn } from './posts-world.ts';

onEachDatabase('what is kept while a post is written', (db) => {
  it('makes one draft of the same form sent twice at once, and lets one of two tabs win.', async () => {
    const world = await openPostsWorld({ db: db() });
    const { fields, channel } = await fillForm(world);
    const begin = () => world.browser.post(`${world.address}/drafts`, fields);
    const answers = await Promise.all([begin(), begin()]);
    expect(answers.some(({ status }) => status === 200)).to.equal(true);
    const rows: { id: number; version: number }[] = await db().knex('posts').select('id', 'version');
    expect(rows).to.have.length(1);
    const { id, version } = rows[0] ?? { id: 0, version: 0 };
    const write = (caption: string) =>
      world.browser.post(`${world.address}/${id}/draft`, { ...fields, version: String(version), caption });
    const both = await Promise.all([write('One'), write('Other')]);
    expect(both.map(({ status }) => status).sort()).to.deep.equal([200, 409]);
    expect(await world.posts.find(world.team.id, id)).to.include({ version: version + 1 });
    expect((await world.posts.drafts.reviserOf(id))?.id).to.equal(world.editor.id);
    expect((await world.desk.ofPost(world.team.id, id)).map(({ channelId }) => channelId)).to.deep.equal([channel.id]);
  });

  it('keeps one copy of a person’s words over a scheduled post, the last ones.', async () => {
    const world = await openPostsWorld({ db: db() });
    const { fields } = await fillForm(world);
    const postId = postIdIn(await world.browser.post(world.address, fields));
    for (const caption of ['Better', 'Best 🥐']) {
      const words = { ...fields, version: '1', caption, 'captions.4711': 'Own' };
      await world.browser.post(`${world.address}/${postId}/draft`, words).expect(200);
    }
    const place = { postId, personId: world.editor.id };
    const copy = await findWorkingCopy(db().knex, place);
    expect(copy?.form).to.deep.include({ caption: 'Best 🥐', captions: new Map([[4711, 'Own']]), time: '09:30' });
    await world.posts.drafts.discardCopy({ ...world.editor, teamId: world.team.id, zone: 'UTC' }, postId);
    expect(await findWorkingCopy(db().knex, place)).to.equal(undefined);
  });
});
