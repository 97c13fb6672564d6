import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { iconNames } from '../../core/web/icon-names.ts';
import { makeViewRenderer } from './render-view.ts';

const attack = '"><svg onload=alert(1)></script>{{7*7}}';

const templatesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ejs'));

describe('the look', () => {
  let renderer: Awaited<ReturnType<typeof makeViewRenderer>>;

  beforeEach(async () => {
    renderer = await makeViewRenderer();
  });

  const items = [
    { id: 'posts', label: 'Posts', href: '/team/7/posts', icon: 'collection-play', group: 'Team', count: 1 },
    { id: 'channels', label: 'Channels', href: '/team/7/channels', icon: 'broadcast', group: 'Team' },
    { id: 'files', label: 'Files', href: '/team/7/files', icon: 'images', group: 'Team' },
    { id: 'members', label: 'Members', href: '/team/7/members', icon: 'people', group: 'Team settings' },
  ];
  const post = { href: '#', at: 0, title: attack, line: attack, channels: [] };
  const dashboard = {
    frame: 'team',
    nav: { current: 'posts', items },
    now: 0,
    summary: attack,
    needs: [{ tone: 'bad', icon: 'x-circle-fill', title: attack, texts: [attack], href: '#', act: attack }],
    days: [
      {
        id: 'today',
        heading: 'Due today',
        posts: [
          { ...post, state: 'publishing', percent: 62, views: null },
          { ...post, state: 'published', views: 1_204 },
        ],
      },
    ],
    calendarHref: '#',
    week: [{ label: attack, isToday: true, count: 1, states: ['published'] }],
    weekCount: 1,
    published: [
      { ...post, video: null },
      { ...post, video: { views: 1_204, timesUsual: 1.4 } },
    ],
    channels: [
      {
        ...{ href: '#', name: attack, initials: attack, state: 'connected', oldReadAt: 0 },
        followers: { value: 48_214, change: 811 },
      },
    ],
    team: { id: 7, name: attack, zone: 'UTC', initials: attack, role: 'editor', channelCount: 1 },
    flash: [{ tone: 'ok', text: attack }],
  };
  const pages: readonly [string, object][] = [
    ['site/home', { frame: 'plain', networks: [{ name: attack, icon: 'x', asks: [{ scope: attack, why: attack }] }] }],
    ['site/legal', { frame: 'plain', page: 'privacy' }],
    ['site/legal', { frame: 'plain', page: 'terms' }],
    ['auth/sign-in', { frame: 'plain', problem: attack, email: attack, next: attack }],
    ['team/dashboard', dashboard],
    [
      'team/new-team',
      { frame: 'team', steps: ['channel', 'video', 'post'].map((id) => ({ id, isDone: id === 'video', href: '#' })) },
    ],
    ...[400, 403, 404, 409, 413, 421, 422, 429, 500, 503].map((status): [string, object] => [
      'errors/error',
      { frame: 'plain', status, publicUrl: attack, requestId: attack },
    ]),
    ['errors/error', { frame: 'popup', status: 599, message: attack, help: attack }],
  ];

  it('S20: escapes whatever people and networks write, on every page', () => {
    for (const [view, locals] of pages) {
      const html = renderer.render(view, locals);
      expect(html, view).not.to.contain('<svg onload').and.not.to.contain('alert(1)></script>');
    }
  });

  it('S21: holds no inline script, style or handler on any page', () => {
    for (const [view, locals] of pages) {
      const html = renderer.render(view, locals);
      expect(html, view).not.to.match(/<style|\sstyle=|<script(?![^>]*\ssrc=)|<[a-z]+[^<>"]*\son[a-z]+=/i);
    }
  });

  it('has a text for every key it asks for', () => {
    for (const [view, locals] of pages) renderer.render(view, locals);
    for (const state of ['draft', 'scheduled', 'processing', 'failed', 'cancelled', 'paused', 'reconnect-needed']) {
      renderer.render('partials/state', { state });
    }
    expect(renderer.missing).to.deep.equal([]);
  });

  it('names only icons that are in the sprite', () => {
    const known = new Set<string>(iconNames);
    for (const file of templatesIn(renderer.views)) {
      const text = readFileSync(join(renderer.views, file), 'utf8');
      for (const [, name] of text.matchAll(/partials\/icon', \{ name: '([^']+)'/g)) {
        expect(known.has(name ?? ''), `${String(name)} in ${file}`).to.equal(true);
      }
    }
  });

  it('writes unescaped output only for what it includes', () => {
    // What admins write as Markdown comes out of a sanitiser, and is written in this one place.
    const files = templatesIn(renderer.views).filter((file) => file !== 'site/written.ejs');
    for (const file of files) {
      const text = readFileSync(join(renderer.views, file), 'utf8');
      for (const [, code] of text.matchAll(/<%-([\s\S]*?)%>/g))
        expect(code?.trim(), file).to.match(/^(?:once\([^;]*, \(\) => )?include\(/);
    }
  });

  it('leads a viewer nowhere they may not go: no New post', () => {
    const team = { ...dashboard.team, role: 'viewer' };
    expect(renderer.render('team/dashboard', dashboard)).to.contain('/posts/new');
    expect(renderer.render('team/dashboard', { ...dashboard, team })).not.to.contain('/posts/new');
  });

  it('announces a success as a status and a problem as an alert', () => {
    const html = renderer.render('partials/flash', {
      flash: [
        { tone: 'ok', text: 'Saved.' },
        { tone: 'bad', text: 'Not saved.' },
      ],
    });
    expect(html).to.match(/role="status"[\s\S]*Saved\.[\s\S]*role="alert"[\s\S]*Not saved\./);
  });

  it('ties a problem to its field and keeps what was typed', () => {
    const html = renderer.render('partials/field', {
      field: { name: 'appId', label: 'App ID', value: 'a b', error: 'There is a space.' },
    });
    expect(html).to.contain('value="a b"').and.to.contain('aria-invalid="true"');
    expect(html).to.match(/aria-describedby="(f-appId-help)"[\s\S]*id="\1"/);
  });

  it('marks legal pages as placeholders where a setup check can see it', () => {
    expect(renderer.render('site/legal', { frame: 'plain', page: 'terms', isPlaceholder: true })).to.contain(
      'data-placeholder="true"',
    );
  });
});
