import { expect } from 'chai';
import { GoingLiveStore } from '../../../core/going-live/going-live-store.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { createMember, createPerson, createTeam } from '../../support/factories.ts';

onEachDatabase('What is kept of going live', (db) => {
  const key = { pluginId: 'tiktok', step: 'icon' };

  it('is who said a step was done first, also when two say it at once', async () => {
    const store = new GoingLiveStore(db());
    const ines = await createPerson(db(), { name: 'Ines' });
    const said = [1, 2, 3].map((at) => db().transaction((sql) => store.mark(sql, key, { at, by: ines.id })));
    await Promise.all(said);
    expect((await store.marks('tiktok')).get('icon')).to.include({ by: 'Ines' });
    expect((await store.marks('paperboy')).size).to.equal(0);
    expect(await db().transaction((sql) => store.unmark(sql, key))).to.equal(true);
    expect(await db().transaction((sql) => store.unmark(sql, key))).to.equal(false);
  });

  it('is the icon that was checked last', async () => {
    const store = new GoingLiveStore(db());
    const ines = await createPerson(db(), { name: 'Ines' });
    const icon = { width: 1024, height: 1024, bytes: 9 };
    for (const [at, fileName] of ['old.png', 'new.png'].entries()) {
      await db().transaction((sql) => store.putIcon(sql, 'tiktok', { ...icon, fileName, at, by: ines.id }));
    }
    expect(await store.icon('tiktok')).to.deep.equal({ ...icon, fileName: 'new.png', at: 1, by: 'Ines' });
    expect(await store.icon('paperboy')).to.equal(undefined);
  });

  it('is nothing of an app that nobody has connected with, and no stage for whoever is in no team', async () => {
    const store = new GoingLiveStore(db());
    const team = await createTeam(db());
    const member = await createMember(db(), { team, role: 'editor' });
    const outsider = await createPerson(db());
    const none = { channelId: undefined, postId: undefined };
    expect(await store.traceOf('tiktok', 'awnone')).to.deep.equal({ connected: 0, granted: [], hasPublished: false });
    expect(await store.stage(member, 'tiktok')).to.deep.equal({ teamId: team.id, ...none });
    expect(await store.stage({ id: outsider.id, teamId: team.id }, 'tiktok')).to.deep.equal({
      ...{ teamId: undefined, ...none },
    });
  });
});
