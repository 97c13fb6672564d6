import { expect } from 'chai';
import { parse } from 'node-html-parser';
import { createSavedCaptions } from '../../../core/captions/saved-caption-service.ts';
import { createEventLog } from '../../../core/events/event-log.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { addChannel, addPost, createEngineWorld, schedule } from '../../support/engine-world.ts';
import { createMember, createTeam } from '../../support/factories.ts';
import { createChannel, fillForm, openPostsWorld, postIdIn, type PostsWorld, signInAs } from '../posts/posts-world.ts';

describe('saved captions', () => {
  let world: PostsWorld;
  let at = '';
  beforeEach(async () => {
    world = await openPostsWorld();
    at = `/team/${world.team.id}/captions`;
  });
  afterEach(() => world.close());

  const page = async () => parse((await world.browser.get(at).expect(200)).text);
  const hours = { kind: 'caption', name: 'Opening hours', text: 'Open from seven.\r\nEvery day <3' };
  const tags = { kind: 'hashtags', name: 'Bakery', text: '#bakerytok #hazelandrye' };
  const rows = (root: Awaited<ReturnType<typeof page>>) =>
    root.querySelectorAll('[data-caption]').map((row) => row.structuredText.replaceAll(/\s+/g, ' '));

  it('are added, changed and deleted by editors, each under its kind', async () => {
    await world.browser.post(at, tags).expect(303);
    await world.browser.post(at, hours).expect(303);
    const [first = '', second = ''] = rows(await page());
    expect(first).to.contain('Opening hours').and.to.contain('Open from seven. Every day <3');
    expect(second).to.contain('Bakery').and.to.contain('#bakerytok');
    const edit = parse((await world.browser.get(`${at}?edit=1`).expect(200)).text);
    expect(edit.querySelector('dialog [name=name]')?.getAttribute('value')).to.equal('Bakery');
    await world.browser.post(`${at}/1`, { ...tags, name: 'Bakery, short', text: '#bread' }).expect(303);
    expect(rows(await page())[1])
      .to.contain('Bakery, short')
      .and.to.contain('#bread');
    await world.browser.post(`${at}/1/deletion`).expect(303);
    expect(rows(await page())).to.have.lengthOf(1);
    await world.browser.post(`${at}/1`, tags).expect(404);
    const kinds = await world.db.knex('events').where({ subject: 'team' }).orderBy('id').pluck<string[]>('kind');
    expect(kinds).to.deep.equal(['caption.added', 'caption.added', 'caption.changed', 'caption.removed']);
  });

  it('keep everything typed where something is missing or too long', async () => {
    const typed = { kind: 'caption', name: '', text: 'x'.repeat(2_201) };
    const shown = parse((await world.browser.post(at, typed).expect(422)).text);
    expect(shown.querySelector('dialog')?.hasAttribute('open')).to.equal(true);
    expect(shown.querySelector('dialog textarea')?.text).to.contain('x'.repeat(2_201));
    expect(shown.querySelectorAll('dialog [aria-invalid=true]')).to.have.lengthOf(2);
    await world.browser.post(at, { kind: 'poem', name: 'A', text: 'B' }).expect(422);
    await world.browser.post(at, { kind: 'caption', name: 'A', text: ' \n ' }).expect(422);
  });

  it('come as a menu for the composer, one kind at a time, with the text to put in', async () => {
    await world.browser.post(at, hours);
    await world.browser.post(at, tags);
    const { text } = await world.browser.get(`${at}/menu?kind=hashtags`).expect(200);
    const [button, ...others] = parse(text).querySelectorAll('button');
    expect(others).to.deep.equal([]);
    expect(button?.getAttribute('data-insert')).to.equal('#bakerytok #hazelandrye');
    expect(text).not.to.contain('<html');
    const composer = parse((await world.browser.get(`${world.address}/new`).expect(200)).text);
    expect(composer.querySelectorAll('[data-caption-menu]')).to.have.lengthOf(2);
  });

  it('S1: belong to one team; a viewer reads them and changes nothing', async () => {
    await world.browser.post(at, hours);
    const viewer = await signInAs(world, 'viewer');
    expect((await viewer.get(`${at}?add=caption`).expect(200)).text)
      .to.contain('Opening hours')
      .and.not.to.contain('<dialog');
    await viewer.post(at, tags).expect(403);
    await viewer.post(`${at}/1/deletion`).expect(403);
    const elsewhere = await createTeam(world.db);
    const other = await world.signIn(await createMember(world.db, { team: elsewhere, role: 'owner' }));
    await other.get(at).expect(404);
    await other.post(`/team/${elsewhere.id}/captions/1`, tags).expect(404);
    await other.post(`/team/${elsewhere.id}/captions/1/deletion`).expect(404);
    expect(rows(await page())).to.have.lengthOf(1);
  });

  it('warns where the form would send the same text to the same channel within a week', async () => {
    const { fields, channel } = await fillForm(world);
    const postId = postIdIn(await world.browser.post(world.address, fields));
    const other = await createChannel(world.db, { team: world.team });
    const ask = async (more: Readonly<Record<string, string | readonly string[]>>, query = '') =>
      (await world.browser.post(`${world.address}/same-text${query}`, { ...fields, ...more }).expect(200)).text.trim();
    const warned = await ask({ date: '2026-11-28' });
    expect(warned).to.contain(channel.nickname).and.to.contain(`${world.address}/${postId}`);
    expect(await ask({ date: '2026-11-30' })).to.equal('');
    expect(await ask({ channels: String(other.id) })).to.equal('');
    expect(await ask({ caption: 'Another text' })).to.equal('');
    expect(await ask({ [`captions.${channel.id}`]: 'Its own' })).to.equal('');
    expect(await ask({}, `?post=${postId}`)).to.equal('');
    await (await signInAs(world, 'viewer')).post(`${world.address}/same-text`, fields).expect(403);
  });
});

onEachDatabase('the same text twice', (db) => {
  it('is told of the nearest post at each channel, letter for letter.', async () => {
    const world = await createEngineWorld(db());
    const captions = createSavedCaptions({ ...world, events: createEventLog(world) });
    const { id: channelId } = await addChannel(world);
    const day = 86_400_000;
    for (const [days, text] of [
      [1, 'New beans'],
      [3, 'New beans'],
      [2, 'new Beans'],
      [9, 'New beans'],
    ] as const) {
      await schedule(world, { channelId, postId: await addPost(world, text), inMs: days * day });
    }
    const at = world.clock.now() + 4 * day;
    const ask = (text: string) => captions.findSameText({ teamId: world.teamId, planned: [{ channelId, text }], at });
    const found = await ask('New beans');
    expect(found.map((one) => one.at - world.clock.now())).to.deep.equal([3 * day]);
    expect(await ask('NEW BEANS')).to.deep.equal([]);
    expect(await ask('')).to.deep.equal([]);
    const saved = await captions.add(
      { ...world.actor, teamId: world.teamId },
      { kind: 'caption', name: 'ภาษา', text: '🥐 é' },
    );
    expect(await captions.list(world.teamId)).to.deep.equal([saved]);
  });
});
