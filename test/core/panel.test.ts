import { once } from 'node:events';
import { mkdtempSync, openAsBlob, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { createAdmin } from '../../core/auth/first-admin.ts';
import { HttpPerson, wordsOf } from '../../core/bin/demo/http-person.ts';
import { readConfig } from '../../core/config.ts';
import { createPino } from '../../core/log/logger.ts';
import { createPanel, type Panel } from '../../core/panel.ts';
import { discoverPlugins } from '../../core/plugin-host/discover.ts';
import { projectRoot } from '../../core/project-root.ts';
import { failureOf } from '../support/failure.ts';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';

const person = { email: 'ada@example.org', name: 'Ada', password: 'correct horse battery' };

describe('the panel with another network alone', function () {
  this.timeout(30_000);
  let folder: string;
  let paper: Server;
  let panel: Panel;
  let url: string;
  const written: string[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'castdeck-panel-'));
    paper = createServer((request, response) => {
      const asked = new URL(request.url ?? '/', 'http://paper').searchParams;
      const back = new URLSearchParams({ code: 'reader-7', state: asked.get('state') ?? '' });
      response.writeHead(302, { location: `${asked.get('redirect_uri') ?? ''}?${back.toString()}` }).end();
    });
    const paperPort = await freePort();
    await new Promise<void>((resolve) => paper.listen(paperPort, '127.0.0.1', resolve));
    const plugins = await discoverPlugins([path.join(projectRoot, 'test/support/plugins')]);
    const environment = {
      PORT: String(await freePort()),
      DATA_DIR: folder,
      PAPERBOY_URL: `http://127.0.0.1:${paperPort}`,
      PAPERBOY_AGENCY: 'agency-1',
      PAPERBOY_STAMP: 'canary-stamp',
    };
    const config = readConfig(environment, plugins);
    const log = createPino({ level: 'debug', write: (line) => void written.push(line) });
    panel = await createPanel(config, { plugins, log });
    ({ url } = await panel.listen());
  });
  afterEach(async () => {
    await panel.close();
    paper.closeAllConnections();
    paper.close();
    rmSync(folder, { recursive: true });
  });

  const signIn = async (): Promise<{ member: HttpPerson; team: string }> => {
    const { base, services } = panel;
    await createAdmin({ ...base, ...services }, person);
    const id = await services.teams.add(null, { name: 'Readers', zone: 'Europe/Copenhagen' });
    await services.teams.addMember({ team: 'Readers', email: person.email, role: 'owner' });
    const member = new HttpPerson(url);
    await member.submit(await member.get('/sign-in'), '/sign-in', person);
    return { member, team: `/team/${id}` };
  };

  it('connects an account, composes with its options, publishes and shows its page', async () => {
    const { member, team } = await signIn();
    await member.submit(await member.get(`${team}/channels?add`), '/channels/connect/paperboy');
    const list = await member.get(`${team}/channels`);
    const row = list.root.querySelector('[data-channel]');
    expect(row?.getAttribute('data-state')).to.equal('connected');
    const channel = row?.getAttribute('data-channel') ?? '';

    await member.get(`${team}/files`);
    const content = await openAsBlob(path.join(projectRoot, 'core/bin/demo/sample.mp4'));
    const files = await member.upload(`${team}/files`, { content, name: 'extra.mp4' });
    const media = files.root.querySelector('[data-media]')?.getAttribute('data-media') ?? '';
    const draft = { channels: [channel], media, caption: 'Extra! Extra!' };
    const form = await member.submit(await member.get(`${team}/posts/new`), `${team}/posts`, {
      ...draft,
      act: 'options',
    });
    const options = { [`options.${channel}.page`]: 'front', when: 'immediately' };
    const page = await member.submit(form, `${team}/posts`, { ...draft, ...options, act: 'publish' });
    expect(new URL(page.address).pathname, wordsOf(page.root.querySelector('main'))).to.match(/\/posts\/\d+$/);

    await panel.startWorker();
    const stateNow = async () =>
      (await member.get(page.address)).root.querySelector('[data-delivery]')?.getAttribute('data-state');
    while (['scheduled', 'publishing', 'processing'].includes((await stateNow()) ?? '')) await turn();
    expect(await stateNow()).to.equal('published');
    expect(wordsOf((await member.get(`${team}/channels/${channel}`)).root.querySelector('main'))).to.contain(
      'Extra! Extra!',
    );
    expect(written.join('')).to.not.contain('canary-stamp');
  });

  it('names no other network on any page, and offers this one everywhere', async () => {
    const { member, team } = await signIn();
    for (const address of ['/', '/admin/api-integration/paperboy', `${team}/channels?add`, `${team}/posts/new`]) {
      const page = await member.get(address);
      expect(page.status, address).to.equal(200);
      expect(page.root.toString(), address).to.not.match(/tiktok/i);
    }
    expect((await member.get('/admin/api-integration/tiktok')).status).to.equal(404);
  });

  it('P11: stops its worker at once, also while somebody still waits for an answer of the web', async () => {
    await panel.close();
    const { config, plugins, pino } = panel.base;
    panel = await createPanel(config, { plugins, log: pino });
    await panel.startWorker();
    await panel.listen();
    const { base } = panel;
    const workers = async (): Promise<number> => (await base.db.knex('workers').select('id')).length;
    expect(await workers()).to.equal(1);
    const { hostname, port } = new URL(url);
    const slow = connect(Number(port), hostname).on('error', () => undefined);
    await once(slow, 'connect');
    const head = ['POST /webhooks/paperboy HTTP/1.1', `Host: ${hostname}:${port}`, 'Content-Length: 9'];
    slow.write([...head, 'Content-Type: application/json', '', ''].join('\r\n'));
    // Asked after it, and answered: by now the slow one has been read, too.
    await fetch(`${url}/sign-in`);
    const closed = panel.close();
    try {
      await until(async () => (await workers()) === 0, 'the worker has left', 5_000);
    } finally {
      slow.destroy();
      await closed;
    }
  });

  it('lets go of everything when it is closed, also when its start fails half-way', async () => {
    await panel.close();
    expect((await failureOf(fetch(url))).message).to.equal('fetch failed');
    const config = { ...panel.base.config, database: { kind: 'sqlite', file: path.join(folder, 'x.db') } as const };
    const [found] = panel.base.plugins;
    if (found === undefined) throw new Error('Paperboy is missing.');
    const broken = { ...found, plugin: { ...found.plugin, activate: () => Promise.reject(new Error('no ink')) } };
    const start = createPanel(config, { plugins: [broken], log: panel.base.pino });
    expect((await failureOf(start)).message).to.contain('paperboy: activate() failed: no ink');
  });
});
