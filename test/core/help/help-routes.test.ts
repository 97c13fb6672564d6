import { expect } from 'chai';
import { createErrorLibrary, errorPath } from '../../../core/help/error-library.ts';
import { helpRoutes } from '../../../core/help/help-routes.ts';
import { createPluginRegistry } from '../../../core/plugin-host/plugin-registry.ts';
import { createTestApp, type TestApp, type TestBrowser } from '../../support/app.ts';
import { createMember, createPerson, createTeam } from '../../support/factories.ts';
import { ownEntry } from './entries.ts';

describe('The pages of the error book', () => {
  let web: TestApp;
  let member: TestBrowser;
  let admin: TestBrowser;
  before(async () => {
    const own = [
      ownEntry('wrong_door', { who: 'admin', you: ['Knock.'], admin: ['Open **Doors**, then <Locks>.'] }),
      ownEntry('far away', { who: 'you' }),
    ];
    const errorLibrary = createErrorLibrary({ registry: createPluginRegistry(), own });
    web = await createTestApp({ routes: () => helpRoutes({ errorLibrary, adminPath: '/admin/users' }) });
    member = await web.signIn(await createMember(web.db, { team: await createTeam(web.db), role: 'viewer' }));
    admin = await web.signIn(await createPerson(web.db, { isAdmin: true }));
  });
  after(() => web.close());

  it('are for whoever is signed in', async () => {
    expect((await web.stranger().get('/help/errors')).headers['location']).to.contain('/sign-in');
    await member.get('/help/errors').expect(200);
    await member.get('/help/errors/wrong_door').expect(200);
  });

  it('group the codes by who can fix them', async () => {
    const { text } = await member.get('/help/errors').expect(200);
    const groups = [...text.matchAll(/<section class="stack s" id="(\w+)"/g)].map(([, id]) => id);
    expect(groups).to.deep.equal(['you', 'admin']);
    expect(text)
      .to.contain(`href="${errorPath('far away')}"`)
      .and.to.contain('href="/help/errors/far%20away"');
  });

  it('find a code by what was typed, and say when nothing fits', async () => {
    const found = await member.get('/help/errors?q=WRONG_door').expect(200);
    expect(found.text).to.contain('1 code in what you typed').and.not.to.contain('far%20away');
    expect((await member.get('/help/errors?q=zzzzz')).text).to.contain('Nothing in the book fits');
  });

  it('show each side its steps, and what stands on buttons in bold', async () => {
    const { text } = await member.get('/help/errors/wrong_door').expect(200);
    expect(text).to.contain('What you can do').and.to.contain('What your admin can do');
    expect(text).to.contain('Open <b class="t-strong">Doors</b>, then &lt;Locks&gt;.');
    expect(text).not.to.contain('Open API Integration');
    expect((await admin.get('/help/errors/wrong_door')).text).to.contain('Open API Integration');
  });

  it('search for a code that they do not know', async () => {
    const answer = await member.get('/help/errors/nothing_of_ours').expect(404);
    expect(answer.text).to.contain('Nothing in the book fits');
  });

  it('stand in the sidebar of admins', async () => {
    const { text } = await admin.get('/help/errors').expect(200);
    expect(text).to.match(/<a[^>]*href="\/help\/errors"[^>]*aria-current="page"/);
  });
});
