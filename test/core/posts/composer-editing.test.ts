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

  it('shows and keeps the moment of a post that was scheduled before its team moved to another zone.', async () => {
    const { fields } = await fillForm(world);
    const { postId, at, change } = await edit(fields);
    await world.db.knex('teams').where({ id: world.team.id }).update({ zone: 'America/New_York' });
    const { text } = await world.browser.get(`${at}/edit`).expect(200);
    expect(text).to.contain('value="03:30"').and.not.to.contain('value="09:30"');
    await world.browser.post(at, { ...change, caption: 'Batch two', time: '03:30' }).expect(303);
    expect(await world.posts.find(world.team.id, postId)).to.include({ dueAt: Date.UTC(2026, 10, 22, 8, 30) });
  });

  it('T11: replaces caption, options, due time and channels, and raises the revision of what stays.', async () => {
    const { channel, fields } = await fillForm(world);
    const { postId, at, change, page } = await edit(fields);
    expect(page.text)
      .to.contain('value="2026-11-22"')
      .and.to.contain('value="09:30"')
      .and.to.contain(`name="options.${channel.id}.audience" value="everyone"`);
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

  describe('of a draft', () => {
    const saveDraft = async (typed: { readonly date: string; readonly time: string }) => {
      const { fields } = await fillForm(world, { ...typed, act: 'draft' });
      return { fields, ...(await edit(fields)) };
    };
    const valueOf = (html: string, name: string) =>
      new RegExp(`<input[^>]* name="${name}"[^>]*>`).exec(html)?.[0].match(/ value="([^"]*)"/)?.[1] ?? '';

    for (const [date, time] of [
      ['2026-11-22', '09:30'],
      ['2020-01-01', '09:30'],
      ['2026-02-31', '25:61'],
      ['2026-11-22', ''],
      ['', '09:30:15'],
    ] as const) {
      it(`shows ${date || 'no date'} and ${time || 'no time'} again as typed, with Schedule chosen as before.`, async () => {
        const { page, postId } = await saveDraft({ date, time });
        expect([valueOf(page.text, 'date'), valueOf(page.text, 'time')]).to.deep.equal([date, time]);
        expect(page.text).to.match(/name="when" value="schedule" checked/);
        const [delivery] = await world.desk.ofPost(world.team.id, postId);
        expect(delivery).to.include({ state: 'draft', dueWall: null, dueZone: null, dueAt: null });
      });
    }

    it('checks the time it was planned for only once it is to be scheduled.', async () => {
      const { at, change, postId } = await saveDraft({ date: '2020-01-01', time: '09:30' });
      await world.browser.post(at, { ...change, caption: 'Still a draft' }).expect(303);
      const scheduled = { ...change, version: '2', act: 'schedule' };
      const answer = await world.browser.post(at, scheduled).expect(422);
      expect(answer.text).to.contain('This time has passed');
      expect(await world.posts.find(world.team.id, postId)).to.include({ state: 'draft', caption: 'Still a draft' });
      await world.browser.post(at, { ...scheduled, date: '2026-11-22' }).expect(303);
      expect(await world.posts.find(world.team.id, postId)).to.deep.include({
        ...{ state: 'scheduled', dueAt: Date.UTC(2026, 10, 22, 8, 30), planned: { date: '', time: '' } },
      });
    });

    it('keeps the time of a schedule that becomes a draft again.', async () => {
      const { fields } = await fillForm(world);
      const { at, change } = await edit(fields);
      await world.browser.post(at, { ...change, act: 'draft' }).expect(303);
      const { text } = await world.browser.get(`${at}/edit`).expect(200);
      expect([valueOf(text, 'date'), valueOf(text, 'time')]).to.deep.equal(['2026-11-22', '09:30']);
      expect(text).to.match(/name="when" value="schedule" checked/);
    });

    it('says on its page and in the list what it is planned for, as soon as that is a whole time.', async () => {
      const { at, change } = await saveDraft({ date: '2026-11-22', time: '09:30' });
      expect((await world.browser.get(at)).text).to.contain('Not scheduled. Planned for 22 Nov, 09:30, Europe/Berlin.');
      expect((await world.browser.get(world.address)).text).to.contain('Planned for 22 Nov, 09:30');
      await world.browser.post(at, { ...change, channels: [] }).expect(303);
      expect((await world.browser.get(world.address)).text).to.contain('Planned for 22 Nov, 09:30');
      await world.browser.post(at, { ...change, version: '2', time: '' }).expect(303);
      expect((await world.browser.get(at)).text)
        .to.contain('Not scheduled.')
        .and.not.to.contain('Planned for');
      expect((await world.browser.get(world.address)).text).not.to.contain('Planned for');
    });

    it('takes no date that is longer than any date can be, and loses nothing of the form.', async () => {
      const { fields } = await fillForm(world, { act: 'draft', date: '2026'.repeat(11) });
      const answer = await world.browser.post(world.address, fields).expect(422);
      expect(answer.text).to.contain('There is no such date and time.').and.to.contain('batch one</textarea>');
    });
  });
});
