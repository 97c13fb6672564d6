import { expect } from 'chai';
import { readConfig } from '../../../core/config.ts';
import { IdentityStore } from '../../../core/site/identity-store.ts';
import { openIdentity } from '../../../core/site/identity.ts';
import { createTestClock } from '../../support/clock.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { createPerson } from '../../support/factories.ts';
import { silentLog } from '../../support/silent-log.ts';

onEachDatabase('The identity of an installation', (db) => {
  const open = async (environment: Record<string, string> = {}) => {
    const clock = createTestClock();
    const config = readConfig({ PUBLIC_URL: 'https://panel.example', ...environment }, []);
    return { clock, identity: await openIdentity({ db: db(), clock, log: silentLog, config }) };
  };
  const put = async (values: Record<string, string>): Promise<void> => {
    const { id } = await createPerson(db());
    await db().transaction((sql) =>
      new IdentityStore(db()).put(new Map(Object.entries(values)), { by: id, at: 1 }, sql),
    );
  };

  it('is the standing one until somebody chooses, and is known a second later in every process that answers', async () => {
    const [here, there] = [await open(), await open()];
    expect([here.identity.name(), here.identity.accent()]).to.deep.equal(['Castdeck', '#0a6a76']);
    expect(here.identity.sender()).to.deep.equal({ name: 'Castdeck', address: 'no-reply@panel.example' });
    await put({ name: 'Nordlys', accent: '#aa3366', language: 'th', 'sender-address': 'hi@nordlys.example' });
    await here.identity.reload();
    expect(here.identity.name()).to.equal('Nordlys');
    await there.identity.freshen();
    expect(there.identity.name()).to.equal('Castdeck');
    there.clock.advance(1_000);
    await there.identity.freshen();
    expect([there.identity.name(), there.identity.language()]).to.deep.equal(['Nordlys', 'th']);
    expect(there.identity.sender()).to.deep.equal({ name: 'Nordlys', address: 'hi@nordlys.example' });
  });

  it('leaves to the environment what that says: the language and the sender', async () => {
    await put({ language: 'th', 'sender-address': 'hi@nordlys.example' });
    const { identity } = await open({
      ...{ LANGUAGE: 'en_GB', SMTP_URL: 'smtp://127.0.0.1', MAIL_FROM: 'Desk <desk@nordlys.example>' },
    });
    expect(identity.language()).to.equal('en');
    expect(identity.sender()).to.deep.equal({ name: 'Desk', address: 'desk@nordlys.example' });
  });
});
