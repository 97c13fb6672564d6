import { expect } from 'chai';
import { parse } from 'node-html-parser';
import { createTestApp, type TestApp, type TestBrowser } from '../../support/app.ts';
import { addMember, createMember, createTeam } from '../../support/factories.ts';
import { webRooms } from '../../support/web-rooms.ts';

describe('The weekly summary on the account page', () => {
  let web: TestApp;
  let browser: TestBrowser;
  let teams: readonly { readonly id: number; readonly name: string }[];

  const open = async (sendsMail: boolean): Promise<void> => {
    web = await createTestApp({ routes: (base) => webRooms(base, { sendsMail }) });
    const north = await createTeam(web.db, { name: 'North' });
    const south = await createTeam(web.db, { name: 'South', zone: 'Asia/Bangkok' });
    const foreign = await createTeam(web.db, { name: 'Somebody else' });
    teams = [north, south, foreign];
    const person = await createMember(web.db, { team: north, role: 'viewer' });
    await addMember(web.db, { team: south, person, role: 'owner' });
    browser = await web.signIn(person);
  };
  const idOf = (name: string): string => String(teams.find((team) => team.name === name)?.id);
  const chosen = async (): Promise<readonly (string | undefined)[]> =>
    parse((await browser.get('/account')).text)
      .querySelectorAll('input[name=team][checked]')
      .map((box) => box.getAttribute('value'));

  it('is off until a person turns it on, for each team by itself, and only for the own ones', async () => {
    await open(true);
    expect(await chosen()).to.deep.equal([]);
    const answer = await browser.post('/account/weekly', { team: [idOf('South'), idOf('Somebody else'), 'x'] });
    expect(answer.status).to.equal(303);
    expect(await chosen()).to.deep.equal([idOf('South')]);
    expect(await web.db.knex('weekly_mails').pluck('next_at')).to.deep.equal([Date.UTC(2026, 10, 23, 1)]);
    await browser.post('/account/weekly', { team: [idOf('North'), idOf('South')] });
    expect(await chosen()).to.deep.equal([idOf('North'), idOf('South')]);
  });

  it('ends by the link in the mail, signed in, and nobody ends that of others', async () => {
    await open(true);
    await browser.post('/account/weekly', { team: [idOf('North'), idOf('South')] });
    const path = `/account/weekly/${idOf('North')}`;
    expect((await web.stranger().get(path)).headers['location']).to.match(/^\/sign-in/);
    expect((await browser.get(path)).text).to.contain('Stop this mail');
    expect(await chosen(), 'looking changes nothing').to.have.length(2);
    expect((await browser.post(path)).status).to.equal(303);
    expect(await chosen()).to.deep.equal([idOf('South')]);
    expect((await browser.get(path)).text).to.contain('You get no weekly summary of North.');
    expect((await browser.post(`/account/weekly/${idOf('Somebody else')}`)).status).to.equal(404);
  });

  it('says so where this installation sends no mail', async () => {
    await open(false);
    const page = (await browser.get('/account')).text;
    expect(page).to.contain('so there is no weekly summary').and.to.contain('SMTP_URL');
    expect(parse(page).querySelectorAll('input[name=team]')).to.have.length(0);
  });
});
