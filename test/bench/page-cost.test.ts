import { expect } from 'chai';
import { type BenchWeb, openWeb } from '../../bench/lib/panel.ts';
import { askedBy, fillPosts, formattersMadeBy } from '../../bench/lib/posts.ts';

const month = Date.UTC(2026, 10, 1, 12);

describe('What a page costs', () => {
  let web: BenchWeb;
  let wide: BenchWeb;
  before(async () => {
    [web, wide] = await Promise.all([openWeb({ channels: 10 }), openWeb({ channels: 10 })]);
    await fillPosts(web, { posts: 300, firstAt: month });
    await fillPosts(wide, { posts: 300, firstAt: month, channelsEach: 10 });
    // The first page of a session writes that it was seen.
    for (const one of [web, wide]) await one.get(`/team/${one.teamId}/posts`);
  });
  after(async () => {
    await web.close();
    await wide.close();
  });

  const pages = ['', '/posts', '/posts?state=published', '/calendar?date=2026-11-10', '/files', '/channels'];
  for (const page of pages) {
    it(`is no write for /team/:team${page}, and as many statements for ten times the rows`, async () => {
      const few = await askedBy(web.panel.base.db, () => web.get(`/team/${web.teamId}${page}`));
      const many = await askedBy(wide.panel.base.db, () => wide.get(`/team/${wide.teamId}${page}`));
      expect(few.writes).to.deep.equal([]);
      expect(many.statements).to.have.length(few.statements.length);
    });
  }

  it('is four statements at most for the list of posts, who is asking among them', async () => {
    for (const one of [web, wide]) {
      const { statements } = await askedBy(one.panel.base.db, () => one.get(`/team/${one.teamId}/posts`));
      expect(statements).to.have.length.at.most(4);
    }
  });

  it('is no formatter of times or numbers made anew, however many rows the list has', async () => {
    for (const page of ['/posts', '/calendar?date=2026-11-10']) {
      await wide.get(`/team/${wide.teamId}${page}`);
      expect(await formattersMadeBy(() => wide.get(`/team/${wide.teamId}${page}`)), page).to.equal(0);
    }
  });

  it('is no statement for an asset, also of somebody who is signed in', async () => {
    expect((await askedBy(web.panel.base.db, () => web.get('/assets/js/theme.js'))).statements).to.deep.equal([]);
  });

  it('is no statement for a robot that asks for robots.txt', async () => {
    const asked = await askedBy(web.panel.base.db, () => fetch(`${web.url}/robots.txt`));
    expect(asked.statements).to.deep.equal([]);
  });
});
