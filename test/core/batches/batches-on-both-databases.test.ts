import { expect } from 'chai';
import { onEachDatabase } from '../../support/each-database.ts';
import { declaration, makeTable, refs } from './batches-world.ts';
import { openImportWorld } from './import-world.ts';

onEachDatabase('batches', (db) => {
  it('imports a table once, however often it is pressed at once, and the same file leads to its batch.', async () => {
    const world = await openImportWorld({ db: db() });
    const csv = 'file,caption,channels\nbun.mp4,Butter,@hazelandrye\nbun.mp4,Two ways,@hazelandrye\n';
    const { address } = await world.read(csv);
    const pressed = await Promise.all([world.browser.post(address), world.browser.post(address)]);
    const [one, other] = pressed.map(({ headers }) => String(headers['location']));
    expect(one).to.equal(other);
    expect(await world.countPosts()).to.equal(2);
    expect((await world.send(csv)).headers['location']).to.equal(one);
  });

  it('plans and schedules a table once, however often it is pressed at once.', async () => {
    const world = await openImportWorld({ db: db() });
    const table = await makeTable(world, 3);
    const times = { rows: refs(table.postIds), fill: 'pattern', from: '2026-12-10', times: '07:30' };
    await world.browser.post(`${table.address}/times`, times);
    const press = () =>
      world.browser.post(`${table.address}/schedule`, {
        ...{ nonce: 'b'.repeat(32), rows: refs(table.postIds, 2), groups: String(table.channel.id) },
        ...{ ...declaration, [`options.${table.channel.id}.privacy`]: 'SELF_ONLY' },
      });
    await Promise.all([press(), press()]);
    const posts = await world.posts.findMany(world.team.id, table.postIds);
    expect(posts.map(({ state, version }) => [state, version])).to.deep.equal(Array(3).fill(['scheduled', 3]));
  });
});
