import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { readConfig } from '../../../core/config.ts';
import { createPanel, type Panel } from '../../../core/panel.ts';
import { standardTimings } from '../../../core/timings.ts';
import { createTestClock } from '../../support/clock.ts';
import { createMember, createTeam } from '../../support/factories.ts';
import { type MailServer, startMailServer } from '../../support/mail-server.ts';
import { createPino } from '../../../core/log/logger.ts';
import { until } from '../../support/until.ts';

describe('An installation with a mail server', () => {
  const login = { user: 'castdeck', password: 'canary-of-the-mail-server' };
  let folder = '';
  let server: MailServer;
  let panel: Panel | undefined;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'castdeck-telling-'));
    server = await startMailServer({ login });
  });
  after(async () => {
    await panel?.close();
    await server.close();
    await rm(folder, { recursive: true });
  });

  it('mails of a lost access once, from its worker, with links to PUBLIC_URL, and logs no password', async () => {
    const lines: string[] = [];
    const clock = createTestClock();
    const config = readConfig(
      {
        ...{ DATA_DIR: folder, PUBLIC_URL: 'https://panel.example.org', MAIL_FROM: 'Hazel <panel@example.org>' },
        SMTP_URL: `smtp://${login.user}:${login.password}@127.0.0.1:${server.port}`,
      },
      [],
    );
    const log = createPino({ level: 'debug', write: (line) => void lines.push(line) });
    // Whether a mail is due is looked at by real timers; by when it is, says the test's clock.
    const timings = { ...standardTimings, idlePollMs: 20, mailLookMs: 50 };
    panel = await createPanel(config, { plugins: [], clock, log, timings });
    const { base } = panel;
    const team = await createTeam(base.db);
    const owner = await createMember(base.db, { team, role: 'owner' });
    const account = { plugin: 'gone', account_id: 'open-id-1' };
    await base.db.knex('credentials').insert({
      ...{ ...account, app_key: 'app', mode: 'live', access_token: 'x', refresh_token: 'x', scopes: '[]' },
      ...{ access_expires_at: 0, refresh_expires_at: 0, state: 'valid', refreshed_at: 0 },
    });
    await base.db
      .knex('channels')
      .insert({ ...account, team_id: team.id, credential_id: 1, nickname: 'Hazel & Rye', connected_at: 0 });
    await panel.services.credentials.needsReconnect(1);
    await panel.services.credentials.needsReconnect(1);
    await panel.startWorker();
    clock.advance(timings.mailGatherMs);
    await until(() => server.mails.length > 0, 'the mail came');
    const [mail] = server.mails;
    expect(mail?.to).to.deep.equal([owner.email]);
    expect(mail?.headers).to.include('From: Hazel <panel@example.org>');
    expect(mail?.text).to.contain(`https://panel.example.org/team/${team.id}/channels/1`);
    expect(mail?.headers).to.include('Subject: Hazel & Rye must be reconnected');
    expect(lines.join('')).to.not.contain('canary');
  });
});
