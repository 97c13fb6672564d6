import { expect } from 'chai';
import { parse } from 'node-html-parser';
import { createTeam } from '../../support/factories.ts';
import { createChannel, fillForm, openPostsWorld, postIdIn, type PostsWorld, signInAs } from '../posts/posts-world.ts';

describe('the page Needs attention', () => {
  let world: PostsWorld;
  let at = '';
  beforeEach(async () => {
    world = await openPostsWorld();
    at = `/team/${world.team.id}/attention`;
  });
  afterEach(() => world.close());

  const post = async (facts: Readonly<Record<string, string | number | null>>) => {
    const { fields, channel } = await fillForm(world);
    const postId = postIdIn(await world.browser.post(world.address, fields));
    await world.db.knex('deliveries').where({ post_id: postId }).update(facts);
    return { postId, channel };
  };
  const outcome = (more: object) =>
    JSON.stringify({
      ...{ sentence: 'The network forgot it.', who: 'network', nextStep: 'Look at the profile.', code: 'forgotten' },
      ...{ logId: 'LOG9', mayBePosted: true, at: 0, ...more },
    });

  it('is empty on a good day, and says so kindly', async () => {
    await post({ state: 'scheduled' });
    const { text } = await world.browser.get(at).expect(200);
    expect(parse(text).querySelector('h1')?.text).to.equal('Needs attention');
    expect(text).to.contain('All is well').and.not.to.contain('data-delivery');
  });

  it('says of each delivery what happened, who can fix it and how, with the way there and the small print', async () => {
    const { postId, channel } = await post({
      ...{ state: 'needs-attention', outcome_code: 'forgotten', outcome: outcome({}) },
    });
    const failed = await post({
      ...{ state: 'failed', outcome: outcome({ sentence: 'Too long.', who: 'you', nextStep: 'Trim it.' }) },
    });
    const { text } = await (await signInAs(world, 'manager')).get(at).expect(200);
    const rows = parse(text).querySelectorAll('[data-delivery]');
    expect(rows.map((row) => row.getAttribute('data-state'))).to.deep.equal(['needs-attention', 'failed']);
    const words = rows.map((row) => row.structuredText.replaceAll(/\s+/g, ' '));
    expect(words[0])
      .to.contain('Saffron buns, batch one')
      .and.to.contain(`to ${channel.nickname}`)
      .and.to.contain('The network forgot it. It may have been posted: look before trying again.')
      .and.to.contain('Only Stubnet can fix this. Look at the profile.')
      .and.to.contain('forgotten')
      .and.to.contain('LOG9')
      .and.to.contain('Decide');
    expect(words[1]).to.contain('Too long. You can fix this. Trim it.').and.to.contain('Retry or drop');
    expect(rows[0]?.querySelector('.btn')?.getAttribute('href')).to.equal(`${world.address}/${postId}`);
    expect(rows[1]?.querySelector('.btn')?.getAttribute('href')).to.equal(`${world.address}/${failed.postId}`);
    expect(text).to.contain('2 things need a person.');
  });

  it('offers a viewer and an editor only what they may do', async () => {
    await post({ state: 'needs-attention', outcome: outcome({}) });
    for (const role of ['viewer', 'editor'] as const) {
      const { text } = await (await signInAs(world, role)).get(at).expect(200);
      expect(text, role).to.contain('Look into it').and.not.to.contain('Decide<');
    }
  });

  it('names channels that must be reconnected and those whose access ends soon', async () => {
    const over = await createChannel(world.db, { team: world.team, nickname: 'Rye Club' });
    await createChannel(world.db, { team: world.team, nickname: 'Workshops' });
    const { knex } = world.db;
    await knex('credentials').update({ refresh_expires_at: world.clock.now() + 3 * 86_400_000 });
    const [row] = await knex('channels').where({ id: over.id }).select<{ credential_id: number }[]>('credential_id');
    await knex('credentials').where({ id: row?.credential_id }).update({ state: 'reconnect-needed' });
    const { text } = await world.browser.get(at).expect(200);
    const rows = parse(text).querySelectorAll('[data-channel]');
    expect(rows.map((one) => one.getAttribute('data-state'))).to.deep.equal(['reconnect-needed', 'connected']);
    expect(rows[0]?.text).to.contain('Rye Club must be reconnected.').and.to.contain('Reconnect');
    expect(rows[1]?.text).to.contain('The access to Workshops ends soon.').and.to.contain('24 November 2026');
    expect((await (await signInAs(world, 'viewer')).get(at)).text).not.to.contain('Reconnect<');
  });

  it('pages through what is long, and takes a mistyped place for the beginning', async () => {
    const { postId } = await post({ state: 'failed' });
    const rows = await world.db.knex('deliveries').where({ post_id: postId }).select<Record<string, unknown>[]>('*');
    const channels = [];
    for (let n = 0; n < 34; n += 1) channels.push((await createChannel(world.db, { team: world.team })).id);
    await world.db.knex.batchInsert(
      'deliveries',
      channels.map((channel_id) => ({ ...rows[0], id: undefined, channel_id })),
      10,
    );
    const first = parse((await world.browser.get(at)).text);
    expect(first.querySelectorAll('[data-delivery]')).to.have.lengthOf(30);
    expect(first.querySelector('.cd-pager')?.text).to.contain('30 of 35');
    const older = first.querySelector('a[rel=next]')?.getAttribute('href') ?? '';
    const second = parse((await world.browser.get(older)).text);
    expect(second.querySelectorAll('[data-delivery]')).to.have.lengthOf(5);
    const newer = second.querySelector('a[rel=prev]')?.getAttribute('href') ?? '';
    const back = parse((await world.browser.get(newer)).text);
    const ids = (page: typeof first) =>
      page.querySelectorAll('[data-delivery]').map((row) => row.getAttribute('data-delivery'));
    expect(ids(back)).to.deep.equal(ids(first));
    for (const wrong of ['before=x', 'before=failed.1', "after=failed.1.2'", 'before=published.1.2']) {
      expect(ids(parse((await world.browser.get(`${at}?${wrong}`).expect(200)).text)), wrong).to.deep.equal(ids(first));
    }
  });

  it('S1: is there for the team’s people only', async () => {
    await post({ state: 'failed', outcome: outcome({}) });
    const other = await createTeam(world.db);
    await (await signInAs(world, 'owner', other)).get(at).expect(404);
    await world.stranger().get(at).expect(303);
  });
});
