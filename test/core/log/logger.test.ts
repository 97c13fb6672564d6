import { AxiosError, AxiosHeaders } from 'axios';
import { expect } from 'chai';
import { createLogger } from '../../../core/log/logger.ts';
import { recordingLog } from '../../support/log.ts';

describe('the log', () => {
  it('writes one JSON object per line, with time, level and message', () => {
    const { log, lines, text } = recordingLog();
    log.with({ request: 'r1' }).info({ user: 'A\r\nforged: line\u2028\u0085\u001b[31m' }, 'signed in');
    expect(text().trimEnd().split('\n')).to.have.length(1);
    expect(lines()[0]).to.include({ level: 'info', msg: 'signed in', request: 'r1' });
    expect(lines()[0])
      .to.have.property('time')
      .that.matches(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  it('leaves out what is below its level', () => {
    const written: string[] = [];
    const log = createLogger({ level: 'warn', write: (line) => void written.push(line) });
    log.info({}, 'quiet');
    log.warn({}, 'loud');
    expect(written).to.have.length(1);
  });

  it('S41: takes out secrets by the name of the fact, however deep', () => {
    const { log, text } = recordingLog();
    const names = [
      'access_token',
      'refreshToken',
      'client_secret',
      'password',
      'Authorization',
      'set-cookie',
      'upload_url',
      'codeVerifier',
      'appKey',
      'x-csrf-token',
    ];
    for (const name of names) log.error({ a: [{ b: { [name]: 'canary-value' } }], [name]: ['canary-list'] }, 'x');
    expect(text()).to.not.contain('canary');
  });

  it('S41: takes out secrets by their looks, in messages, facts and errors with their causes', () => {
    const { log, text } = recordingLog();
    const secrets = [
      'act.canary1234567890!5555.va',
      'Bearer canary-abcdef123456',
      'https://upload.example.com/video/?upload_id=canary&upload_token=canary',
      'mysql://user:canary@db.example.org/castdeck',
      'client_secret=canary-form-body&x=1',
      '{"refresh_token":"canary-in-json"}',
      `k1:${Buffer.from('canary'.padEnd(32, 'x')).toString('base64')}`,
    ];
    for (const secret of secrets) {
      log.info({ body: secret, list: [secret] }, `said ${secret}`);
      log.error({ error: new Error(`failed: ${secret}`, { cause: new Error(secret) }) }, 'x');
      log.warn(new Error(secret), 'x');
    }
    expect(text()).to.not.contain('canary').and.not.contain(Buffer.from('canary').toString('base64').slice(0, 6));
    expect(text()).to.contain('https://upload.example.com/video/?[redacted]');
  });

  it('S41: keeps the request that an HTTP client hangs on its error out of the line', () => {
    const { log, text } = recordingLog();
    const headers = new AxiosHeaders({ 'X-Other': 'canary-header' });
    log.error(
      { error: new AxiosError('timeout', 'ECONNABORTED', { headers, data: 'canary-body', url: '/canary' }) },
      'x',
    );
    expect(text()).to.contain('ECONNABORTED').and.not.contain('canary');
  });

  it('S41: takes out a password that holds an @ as a whole', () => {
    const { log, text } = recordingLog();
    log.info({ at: 'mysql://desk:one@canary@db.example.org/castdeck' }, 'x');
    expect(text()).to.contain('mysql://[redacted]@db.example.org').and.not.contain('canary');
  });

  it('S37: reads long texts of any letters once, not once for each letter', () => {
    const { log } = recordingLog();
    const parts = [
      'a',
      'a.',
      ' ',
      '/',
      'a:',
      'a://',
      'a@',
      '?a',
      'http://',
      'https://x?',
      'Bearer ',
      'token=',
      'code "',
    ];
    const begun = process.cpuUsage();
    for (const part of parts)
      log.info({ path: part.repeat(20_000 / part.length), more: `a://${part.repeat(9_000)}` }, 'x');
    const { user, system } = process.cpuUsage(begun);
    expect((user + system) / 1_000, 'milliseconds of all').to.be.below(400);
  });

  it('survives circles, bytes and numbers too large for JSON', () => {
    const { log, text } = recordingLog();
    const circle: Record<string, unknown> = { bytes: Buffer.from('canary'), big: 10n ** 30n };
    circle['self'] = circle;
    log.info(circle, 'x');
    expect(text()).to.contain('[6 bytes]').and.contain('1000000000000000000000000000000');
  });
});
