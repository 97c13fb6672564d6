import { expect } from 'chai';
import { siteRoutes } from '../../../core/site/site-routes.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';

describe('the home page', () => {
  let app: TestApp;
  beforeEach(async () => {
    const networks = () => Promise.resolve([{ name: 'Stubnet', icon: 'plug', asks: [] }]);
    const health = { isReady: () => Promise.resolve(true) };
    app = await createTestApp({ routes: () => siteRoutes({ networks, health, adminPath: '/admin/users' }) });
  });
  afterEach(() => app.close());

  it('shows the way in and both legal pages, and in its picture only what exists: posts, no calendar.', async () => {
    const { text } = await app.stranger().get('/').expect(200);
    expect(text)
      .to.contain('href="/sign-in"')
      .and.to.contain('href="/privacy-policy"')
      .and.to.contain('href="/terms-of-service"');
    expect(text).to.contain('aria-label="The posts of a bakery’s team').and.to.contain('Needs attention');
    expect(text).not.to.match(/calendar/i);
  });
});
