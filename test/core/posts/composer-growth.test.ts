import { expect } from 'chai';
import { createMember, createTeam } from '../../support/factories.ts';
import { openWholePanel, type WholePanel } from '../../support/whole-panel.ts';
import { createChannel } from './posts-world.ts';

const most = 50;

interface Seen {
  readonly statements: readonly string[];
  readonly bytes: number;
}

describe('pages that grow with the channels of a team', () => {
  let whole: WholePanel;
  before(async () => {
    whole = await openWholePanel();
  });
  after(() => whole.close());

  /** A team of its own with so many channels, as its editor sees a page of it; the second time it is asked for. */
  const look = async (count: number, at: (place: { team: string; draft: string }) => string): Promise<Seen> => {
    const { web } = whole;
    const { knex } = web.db;
    const team = await createTeam(web.db);
    const browser = await web.signIn(await createMember(web.db, { team, role: 'editor' }));
    const ids: string[] = [];
    for (let n = 0; n < count; n += 1) ids.push(String((await createChannel(web.db, { team })).id));
    for (const table of ['channels', 'credentials']) await knex(table).update({ plugin: 'tiktok' });
    const base = `/team/${team.id}`;
    const fields = { channels: ids, caption: 'Cardamom buns from seven', when: 'schedule' };
    await browser.get(`${base}/posts/new`).expect(200);
    const kept = await browser.post(`${base}/posts/drafts`, { ...fields, nonce: 'a'.repeat(32) }).expect(200);
    const draft = `${/data-action="([^"]+)"/u.exec(kept.text)?.[1] ?? ''}/edit`;
    const address = at({ team: base, draft });
    await browser.get(address).expect(200);
    const statements: string[] = [];
    const note = ({ sql }: { readonly sql: string }): void => void statements.push(sql);
    knex.on('query', note);
    const page = await browser.get(address).expect(200);
    knex.removeListener('query', note);
    return { statements, bytes: Buffer.byteLength(page.text) };
  };

  for (const { name, at, bytesEach } of [
    { name: 'the composer with 50 to choose from', at: ({ team }) => `${team}/posts/new`, bytesEach: 700 },
    { name: 'the composer with 50 chosen', at: ({ draft }) => draft, bytesEach: 2_500 },
    { name: 'the calendar', at: ({ team }) => `${team}/calendar`, bytesEach: 300 },
  ] satisfies readonly {
    name: string;
    at: (place: { readonly team: string; readonly draft: string }) => string;
    bytesEach: number;
  }[]) {
    it(`draws ${name} with as many statements as with one, and a few bytes for each.`, async () => {
      const one = await look(1, at);
      const many = await look(most, at);
      expect(many.statements.length, many.statements.join('\n')).to.equal(one.statements.length);
      const each = (many.bytes - one.bytes) / (most - 1);
      expect(each, 'bytes for each channel').to.be.below(bytesEach);
    });
  }
});
