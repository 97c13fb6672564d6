import { expect } from 'chai';
import { siteRoutes } from '../../../core/site/site-routes.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';

describe('the home page', () => {
  let app: TestApp;
  const words = { title: '', text: '' };
  beforeEach(async () => {
    const networks = () => Promise.resolve([{ name: 'Stubnet', icon: 'plug', asks: [] }]);
    const health = { isReady: () => Promise.resolve(true) };
    app = await createTestApp({
      routes: () => siteRoutes({ networks, health, homeWords: () => words, adminPath: '/admin/users' }),
    });
  });
  afterEach(() => app.close());

  it('shows the way in and both legal pages, and in its picture and words what exists: the calendar, batches, approval.', async () => {
    const { text } = await app.stranger().get('/').expect(200);
    expect(text)
      .to.contain('href="/sign-in"')
      .and.to.contain('href="/privacy-policy"')
      .and.to.contain('href="/terms-of-service"');
    expect(text).to.contain('aria-label="The calendar of a bakery’s team').and.to.contain('Needs attention');
    const month = [...text.matchAll(/class="day( out)?"><span class="n(?: today)?">(\d+)</g)];
    expect(month.map(([, , n]) => Number(n))).to.deep.equal([
      30,
      ...Array.from({ length: 31 }, (_, n) => n + 1),
      1,
      2,
      3,
    ]);
    expect(month.filter(([, out]) => out !== undefined)).to.have.lengthOf(4);
    expect(text).to.contain('Drag a post to another day').and.to.contain('forty videos in one table');
    expect(text).to.contain('approve them').and.to.contain('videos and photos');
  });

  it('R38: says of itself who it is for, in words that no reviewer takes for a tool of one team', async () => {
    for (const language of ['en', 'th']) {
      const { text } = await app.stranger().get('/').set('Accept-Language', language).expect(200);
      expect(text).to.contain(language === 'en' ? 'Made for creators, brands and agencies' : 'สร้างมาเพื่อครีเอเตอร์');
      expect(text).not.to.match(/invitation|internal|in-house|ที่ได้รับเชิญ|ภายใน/i);
    }
  });
});
