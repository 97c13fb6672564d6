import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { startBin } from '../../support/bin.ts';
import { freePort } from '../../support/free-port.ts';

describe('npm run doctor', function () {
  this.timeout(60_000);

  it('tells without a web process what does not work, as text, and ends with 1', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'castdeck-doctor-'));
    const port = String(await freePort());
    const environment = { PORT: port, TIKTOK_API_URL: 'http://127.0.0.1:9', LANGUAGE: 'en' };
    const doctor = startBin('doctor', { folder, environment });
    expect(await doctor.ended, doctor.output().stderr).to.equal(1);
    const { stdout } = doctor.output();
    expect(stdout).to.match(/^RED {4}App ID and App Secret {2}App ID or App Secret is missing\n/u);
    expect(stdout).to.contain(`Nothing answers at http://localhost:${port}`).and.to.contain('code ECONNREFUSED');
    expect(stdout).to.match(/\nGREEN {2}Database +SQLite /u);
    expect(stdout.trimEnd()).to.match(/\n\d+ to fix, \d+ to look at, \d+ fine\.$/u);
    rmSync(folder, { recursive: true, force: true });
  });

  it('prints its table, too, where the database is away', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'castdeck-doctor-'));
    const environment = {
      ...{ PORT: String(await freePort()), LANGUAGE: 'en' },
      DATABASE_URL: `mysql://castdeck:hush@127.0.0.1:${await freePort()}/castdeck`,
    };
    const doctor = startBin('doctor', { folder, environment });
    expect(await doctor.ended, doctor.output().stderr).to.equal(1);
    const { stdout, stderr } = doctor.output();
    expect(stderr).to.equal('');
    expect(stdout).to.match(/^RED +Database +The database does not answer\n/mu);
    expect(stdout).to.match(/^AMBER +TikTok +Not looked at, because the database does not answer\./mu);
    rmSync(folder, { recursive: true, force: true });
  });
});
