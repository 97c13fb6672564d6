import { expect } from 'chai';
import { askedBy } from '../../../bench/lib/posts.ts';
import type { Route } from '../../../core/web/route.ts';
import { createTestApp } from '../../support/app.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { addMember, createMember, createTeam } from '../../support/factories.ts';

const routes: readonly Route[] = [
  {
    method: 'get',
    path: '/team/:team/thing',
    permission: 'team.see',
    handle: ({ res, team, person }) => void res.json({ team, person }),
  },
  {
    method: 'get',
    path: '/away',
    permission: 'signed-in',
    handle: async ({ res, rotateSession }) => {
      await rotateSession();
      res.send('away');
    },
  },
];

onEachDatabase('Who asks', (db) => {
  const open = async () => {
    const web = await createTestApp({ db: db(), routes: () => routes });
    const team = await createTeam(db(), { name: 'Hazel & Rye' });
    const person = await createMember(db(), { team, role: 'editor' });
    const other = await createTeam(db(), { name: 'Fjord Cycles' });
    await addMember(db(), { team: other, person, role: 'owner' });
    const browser = await web.signIn(person);
    const address = `/team/${team.id}/thing`;
    // The first page of a session writes that it was seen, and from where.
    await browser.get(address).expect(200);
    return { web, team, other, person, browser, address };
  };

  it('is read with the session in one statement, and so are all teams of that person', async () => {
    const { team, other, person, browser, address } = await open();
    for (const [at, place] of [
      [address, { ...team, role: 'editor' }],
      [`/team/${other.id}/thing`, { ...other, role: 'owner' }],
    ] as const) {
      const asked = await askedBy(db(), () => browser.get(at).expect(200, { team: place, person }));
      expect(asked.statements).to.have.length(1);
    }
  });

  it('is as it stands at each request: whoever was taken out, disabled or signed out elsewhere is out at the next', async () => {
    const { web, team, other, person, browser, address } = await open();
    await db().knex('members').where({ team_id: team.id, user_id: person.id }).delete();
    await browser.get(address).expect(404);
    await browser.get(`/team/${other.id}/thing`).expect(200);
    await db().knex('teams').where({ id: other.id }).update({ deleted_at: 1 });
    await browser.get(`/team/${other.id}/thing`).expect(404);
    await addMember(db(), { team, person, role: 'viewer' });
    await browser.get(address).expect(200);
    await db().knex('users').where({ id: person.id }).update({ disabled_at: 1 });
    await browser.get(address).expect(303);
    await db().knex('users').where({ id: person.id }).update({ disabled_at: null });
    await browser.get(address).expect(303);
    const again = await web.signIn(person);
    await again.get(address).expect(200);
    await web.sessionStore.endAllOf(person.id);
    await again.get(address).expect(303);
  });

  it('goes on under the new id of a session', async () => {
    const { browser, address } = await open();
    await browser.get('/away').expect(200);
    await browser.get(address).expect(200);
  });
});
