import { expect } from 'chai';
import { parse } from 'node-html-parser';
import type { DoctorCheck, Finding } from '#plugin-api';
import { tableOf } from '../../../core/doctor/doctor-table.ts';
import { type NamedCheck, runChecks } from '../../../core/doctor/run-checks.ts';
import type { TestBrowser } from '../../support/app.ts';
import { createMember, createPerson, createTeam } from '../../support/factories.ts';
import { silentLog } from '../../support/silent-log.ts';
import { openWholePanel, type WholePanel } from '../../support/whole-panel.ts';

const address = '/admin/api-integration/tiktok';

function sectionOf(html: string) {
  const section = parse(html).querySelector('#setup-check');
  if (section === null) throw new Error('There is no section Setup check.');
  return section;
}

function findingOf(html: string, check: string): string | undefined {
  return sectionOf(html).querySelector(`[data-check="${check}"]`)?.getAttribute('data-finding');
}

describe('The section Setup check', () => {
  let whole: WholePanel;
  let admin: TestBrowser;

  before(async () => {
    // Nobody listens at the public address, and nobody at TikTok's.
    whole = await openWholePanel({ environment: { PORT: '9' } });
    admin = await whole.web.signIn(await createPerson(whole.web.db, { isAdmin: true, name: 'Ines Holm' }));
  });
  after(() => whole.close());

  it('says that nothing was checked, asks nobody, and offers to', async () => {
    const section = sectionOf((await admin.get(address)).text);
    expect(section.text).to.contain('Nothing was checked yet').and.to.contain('Check now');
    expect(section.querySelectorAll('[data-check]')).to.have.length(0);
  });

  it('shows after a check what does not work first, with who can fix it, the steps and the code', async () => {
    expect((await admin.post(`${address}/check`)).status).to.equal(303);
    const { text } = await admin.get(address);
    const tones = sectionOf(text)
      .querySelectorAll('[data-check]')
      .map((row) => row.getAttribute('data-tone') ?? '');
    const order = ['bad', 'warn', 'ok'];
    expect(tones).to.deep.equal([...tones].sort((a, b) => order.indexOf(a) - order.indexOf(b)));
    expect(findingOf(text, 'tiktok.keys')).to.equal('missing');
    expect(findingOf(text, 'worker')).to.equal('none');
    expect(findingOf(text, 'database')).to.equal('ok');
    const row = sectionOf(text).querySelector('[data-check="address"]')?.text ?? '';
    expect(row).to.contain('Nothing answers at http://localhost:9').and.to.contain('You can fix this.');
    expect(row).to.contain('See that the web process runs').and.to.contain('ECONNREFUSED');
  });

  it('keeps who checked, and tells its age without asking again', async () => {
    const { clock } = whole.panel.base;
    const before = clock.now();
    await whole.panel.base.db.knex('doctor_findings').update({ checked_at: before - 240_000 });
    expect(sectionOf((await admin.get(address)).text).text).to.contain('Checked 4 minutes ago by Ines Holm');
  });

  it('checks one thing again, and says that the others are older', async () => {
    await admin.post(`${address}/check`, { check: 'database' });
    const { text } = await admin.get(address);
    expect(sectionOf(text).text).to.contain('Checked 4 minutes ago');
    const kept: unknown = await whole.panel.base.db.knex('doctor_findings').where({ name: 'database' }).first();
    expect(kept).to.include({ checked_at: whole.panel.base.clock.now() });
    expect((await admin.post(`${address}/check`, { check: 'nothing-like-it' })).status).to.equal(404);
  });

  it('answers htmx with the section alone', async () => {
    const answer = await admin.post(`${address}/check`, { check: 'database' }).set('HX-Request', 'true');
    expect(answer.status).to.equal(200);
    expect(answer.text.trim()).to.match(/^<section [^]*<\/section>$/u);
    expect(sectionOf(answer.text).querySelector('[role=status]')).not.to.equal(null);
  });

  it('says that it is outdated once settings were saved after it', async () => {
    expect(sectionOf((await admin.get(address)).text).text).not.to.contain('Settings were saved after this check');
    await whole.panel.base.db.knex('doctor_findings').update({ checked_at: whole.panel.base.clock.now() - 1000 });
    await admin.post(address, {
      mode: 'live',
      enabled: '1',
      'live.appId': 'awnew000000000000',
      'live.appSecret': 'a-secret',
    });
    expect(sectionOf((await admin.get(address)).text).text).to.contain('Settings were saved after this check');
  });

  it('is told in the language of whoever reads, whoever asked', async () => {
    const { text } = await admin.get(address);
    const thai = await whole.web.signIn(await createPerson(whole.web.db, { isAdmin: true, name: 'Somchai' }));
    await thai.post('/account/language', { language: 'th' });
    expect(sectionOf(text).text).to.contain('Nothing answers at');
    expect(sectionOf((await thai.get(address)).text).text).to.contain('ไม่มีการตอบกลับจาก http://localhost:9');
  });

  it('links only pages that there are', async () => {
    const links = sectionOf((await admin.get(address)).text).querySelectorAll('a.btn');
    for (const href of new Set(links.map((link) => link.getAttribute('href') ?? ''))) {
      expect((await admin.get(href)).status, href).to.equal(200);
    }
  });

  it('is nobody’s but an admin’s', async () => {
    const team = await createTeam(whole.web.db);
    const owner = await whole.web.signIn(await createMember(whole.web.db, { team, role: 'owner' }));
    expect((await owner.post(`${address}/check`)).status).to.equal(403);
    expect((await whole.web.stranger().post(`${address}/check`)).status).to.be.oneOf([303, 403]);
  });
});

const t = (key: string): string => key;
const fine: Finding = { tone: 'ok', kind: 'ok', sentence: 'fine', steps: [], links: [] };

function checkThat(id: string, run: DoctorCheck['run']): NamedCheck {
  const look = {
    fetchOwn: () => Promise.resolve({ kind: 'none', why: 'no-answer', code: 'x' } as const),
    webhooks: () => Promise.resolve({ lastTakenAt: undefined, refusedAt: {} }),
  };
  return { name: id, plugin: null, check: { id, label: id, run }, look };
}

describe('Checks side by side', () => {
  it('stand for themselves: one that hangs and one that breaks are told, the others are as they are', async () => {
    let hasEnded = false;
    const hangs = checkThat('hangs', ({ signal }) => {
      signal.addEventListener('abort', () => (hasEnded = true));
      return new Promise(() => undefined);
    });
    const breaks = checkThat('breaks', () => Promise.reject(new Error('not foreseen')));
    const good = checkThat('good', () => Promise.resolve(fine));
    const parts = { t, clock: { now: () => 7 }, log: silentLog, withinMs: 20 };
    const runs = await runChecks([hangs, breaks, good], parts);
    expect(runs.map(({ finding }) => [finding.tone, finding.kind])).to.deep.equal([
      ['warn', 'too-long'],
      ['warn', 'broken'],
      ['ok', 'ok'],
    ]);
    expect(hasEnded).to.equal(true);
  });
});

describe('The setup check as plain text', () => {
  it('has what does not work first, each with its steps and code, and a line for what is fine', () => {
    const bad: Finding = {
      ...{ tone: 'bad', kind: 'refused', sentence: 'TikTok refuses\u001b[31m it', meaning: 'Nobody can connect.' },
      ...{ steps: ['Copy it again.'], links: [], code: 'invalid_client', logId: 'L1' },
    };
    const rows = [
      { label: 'Worker', finding: fine },
      { label: 'App ID', finding: bad, codeUrl: 'https://panel.example.org/help/errors/invalid_client' },
    ];
    const words: Readonly<Record<string, string>> = {
      bad: 'RED',
      warn: 'AMBER',
      ok: 'GREEN',
      code: 'code invalid_client',
    };
    const speech = {
      t: (key: string) => words[key.split('.').at(-1) ?? ''] ?? '1 to fix',
      say: (text: string) => text,
    };
    expect(tableOf(rows, speech).split('\n')).to.deep.equal([
      'RED    App ID  TikTok refuses it',
      '       Nobody can connect.',
      '       1. Copy it again.',
      '       code invalid_client · log_id L1 · https://panel.example.org/help/errors/invalid_client',
      'GREEN  Worker  fine',
      '',
      '1 to fix',
    ]);
  });
});
