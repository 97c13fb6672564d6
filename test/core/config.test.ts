import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import type { Translate } from '#plugin-api';
import type { PluginToConfigure } from '../../core/config/plugin-environment.ts';
import { type Environment, readConfig } from '../../core/config.ts';
import { makeKey } from '../../core/keys/key-ring.ts';
import { projectRoot } from '../../core/project-root.ts';

const texts: Readonly<Record<string, string>> = { 'paperboy:key': 'Key' };
const t: Translate = (key, values) =>
  key === 'paperboy:spaces' ? `${values?.['label'] ?? ''} has a space inside. Remove it.` : (texts[key] ?? key);

const paperboy: PluginToConfigure['plugin'] = {
  id: 'paperboy',
  settings: {
    sets: [
      { id: 'trial', label: 'paperboy:trial', help: 'paperboy:trialHelp' },
      { id: 'live', label: 'paperboy:live', help: 'paperboy:liveHelp' },
    ],
    modeEnvironment: 'PAPERBOY_MODE',
    defaultSet: 'live',
    appKeyField: 'key',
    fields: [
      {
        kind: 'text',
        id: 'key',
        label: 'paperboy:key',
        environment: 'PAPERBOY_KEY',
        check: (value: string) => (value.includes(' ') ? { problem: { key: 'paperboy:spaces' } } : { value }),
      },
      { kind: 'secret', id: 'secret', label: 'paperboy:secret', environment: 'PAPERBOY_SECRET' },
    ],
    addresses: [{ id: 'api', environment: 'PAPERBOY_URL', byDefault: 'https://api.paperboy.example/' }],
  },
};

const read = (environment: Environment) => readConfig(environment, [{ plugin: paperboy, t }]);
const messageOf = (environment: Environment): string => {
  try {
    read(environment);
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return '';
};

describe('the configuration', () => {
  it('needs nothing set to run on this machine', () => {
    const config = read({});
    expect(config).to.include({ publicUrl: 'http://localhost:3000', isSecure: false, host: '127.0.0.1', port: 3000 });
    expect(config.dataDir).to.equal(path.resolve('data'));
    expect(config.database).to.deep.equal({ kind: 'sqlite', file: path.resolve('data/castdeck.db') });
    expect(config).to.not.have.any.keys('appKey', 'firstAdmin');
    expect(config.plugins.get('paperboy')?.addresses.get('api')).to.equal('https://api.paperboy.example');
  });

  it('takes an empty value for an unset one', () => {
    expect(read({ PORT: '', APP_KEY: ' ', DATABASE_URL: '' }).port).to.equal(3000);
  });

  it('asks for PUBLIC_URL, with an example, where HOST is not a loopback address', () => {
    expect(messageOf({ HOST: '0.0.0.0' })).to.equal(
      'PUBLIC_URL is missing: HOST is not a loopback address, so set it to the address members type, for example https://panel.example.org.',
    );
    for (const host of ['localhost', '127.0.0.1', '127.9.9.9', '::1', '[::1]'])
      expect(messageOf({ HOST: host })).to.equal('');
  });

  it('S16: takes plain http for this machine alone, whatever NODE_ENV says', () => {
    for (const host of ['localhost:3000', '127.0.0.1', '[::1]:80']) {
      expect(messageOf({ PUBLIC_URL: `http://${host}`, NODE_ENV: 'production' })).to.equal('');
    }
    for (const host of ['panel.example.org', 'localhost.example.org', '127.0.0.1.example.org', '10.0.0.1']) {
      expect(messageOf({ PUBLIC_URL: `http://${host}` })).to.contain('is plain http');
    }
    expect(read({ PUBLIC_URL: 'https://panel.example.org/' })).to.include({
      publicUrl: 'https://panel.example.org',
      isSecure: true,
    });
    expect(messageOf({ PUBLIC_URL: 'https://panel.example.org/sub' })).to.contain('after the host');
  });

  it('names every missing and wrong value in one message', () => {
    const message = messageOf({
      HOST: '0.0.0.0',
      PORT: 'x',
      LOG_LEVEL: 'loud',
      DATABASE_URL: 'postgres://u:canary@h/d',
      APP_KEY: 'canary',
      TRUST_PROXY: 'true',
      ADMIN_EMAIL: 'a@example.org',
      PAPERBOY_MODE: 'other',
      PAPERBOY_KEY: 'a b',
      PAPERBOY_URL: 'http://api.example.org',
    });
    const names = message.match(/^ {2}[A-Z_]+/gm)?.map((name) => name.trim());
    expect(names?.sort()).to.deep.equal([
      'ADMIN_PASSWORD',
      'APP_KEY',
      'DATABASE_URL',
      'LOG_LEVEL',
      'PAPERBOY_KEY',
      'PAPERBOY_MODE',
      'PAPERBOY_URL',
      'PORT',
      'PUBLIC_URL',
      'TRUST_PROXY',
    ]);
    expect(message).to.not.contain('canary');
    expect(message).to.contain('\n  PAPERBOY_KEY: Key has a space inside. Remove it.\n');
  });

  it('reads a database address with %-encoded characters', () => {
    expect(read({ DATABASE_URL: 'mysql://us%40er:p%2Fw@db.example.org:3307/cast_deck' }).database).to.deep.equal({
      kind: 'mysql',
      host: 'db.example.org',
      port: 3307,
      user: 'us@er',
      password: 'p/w',
      database: 'cast_deck',
    });
    expect(read({ DATABASE_URL: 'sqlite:/srv/x.db' }).database).to.deep.equal({ kind: 'sqlite', file: '/srv/x.db' });
    for (const wrong of ['sqlite:', 'sqlite::memory:', 'mysql://h', 'mysql://u:%zz@h/d', 'x', 'mysql://h/d?ssl=1']) {
      expect(messageOf({ DATABASE_URL: wrong }), wrong).to.match(/^DATABASE_URL/);
    }
  });

  it('S32: believes only listed proxies', () => {
    expect(read({ TRUST_PROXY: 'loopback, 10.0.0.0/8,fd00::/8' }).trustProxy).to.deep.equal([
      'loopback',
      '10.0.0.0/8',
      'fd00::/8',
    ]);
    for (const wrong of ['true', '1', '0.0.0.0/0', '::/0', '10.0.0.0/33', 'proxy.example.org']) {
      expect(messageOf({ TRUST_PROXY: wrong }), wrong).to.contain('TRUST_PROXY');
    }
  });

  it('reads what a plugin names, with the plugin’s own checks', () => {
    const { plugins } = read({ PAPERBOY_MODE: 'trial', PAPERBOY_KEY: ' k1 ', PAPERBOY_URL: 'http://127.0.0.1:4000/' });
    expect(plugins.get('paperboy')).to.deep.equal({
      mode: 'trial',
      values: new Map([['key', 'k1']]),
      addresses: new Map([['api', 'http://127.0.0.1:4000']]),
    });
  });

  it('S50: takes a first admin only whole, with a password of 8 to 128 characters', () => {
    expect(read({ ADMIN_EMAIL: 'a@example.org', ADMIN_PASSWORD: 'long enough' }).firstAdmin).to.deep.equal({
      email: 'a@example.org',
      password: 'long enough',
    });
    expect(messageOf({ ADMIN_EMAIL: 'a@example.org', ADMIN_PASSWORD: 'canary' }))
      .to.match(/8 to 128 characters/)
      .and.not.match(/canary/);
    expect(messageOf({ ADMIN_PASSWORD: 'long enough' })).to.contain('ADMIN_EMAIL is missing');
  });

  it('takes a mail server and a sender together, and asks for TLS wherever a password leaves this machine', () => {
    const MAIL_FROM = 'Castdeck <panel@example.org>';
    const mailOf = (SMTP_URL: string) => read({ SMTP_URL, MAIL_FROM }).mail;
    expect(mailOf('smtp://us%40er:p%2Fw@mail.example.org')).to.deep.equal({
      ...{ host: 'mail.example.org', port: 587, isTls: false, needsTls: true },
      login: { user: 'us@er', password: 'p/w' },
      from: { name: 'Castdeck', address: 'panel@example.org' },
    });
    expect(mailOf('smtps://u:p@mail.example.org')).to.include({ port: 465, isTls: true, needsTls: true });
    expect(mailOf('smtp://relay:25')).to.include({ host: 'relay', port: 25, needsTls: false });
    expect(mailOf('smtp://u:p@127.0.0.1:2525')).to.include({ needsTls: false });
    expect(read({}).mail).to.equal(undefined);
  });

  it('names what is wrong with SMTP_URL and MAIL_FROM, without the password', () => {
    const right = { SMTP_URL: 'smtp://h', MAIL_FROM: 'a@example.org' };
    expect(read({ SMTP_URL: right.SMTP_URL }).mail)
      .to.include({ host: 'h' })
      .and.not.have.property('from');
    expect(messageOf({ MAIL_FROM: right.MAIL_FROM })).to.contain('SMTP_URL is missing');
    const wrongs = [
      'x',
      'http://h',
      'smtp:',
      'smtp://u:canary@h/path',
      'smtp://u:canary@h?tls=1',
      'smtp://u:%canary@h',
    ];
    for (const SMTP_URL of [...wrongs, 'smtp://:canary@h', 'smtp://u:canary@h:99999']) {
      const message = messageOf({ ...right, SMTP_URL });
      expect(message, SMTP_URL)
        .to.match(/^SMTP_URL/)
        .and.not.match(/canary/);
    }
    for (const MAIL_FROM of ['x', 'a@b, c@d', 'A\r\nBcc: c@d <a@b>', '<a@b> A', 'a@b@c']) {
      expect(messageOf({ ...right, MAIL_FROM }), MAIL_FROM).to.match(/^MAIL_FROM/);
    }
  });

  it('takes a token for the metrics that nobody guesses, and does not repeat another', () => {
    expect(read({ METRICS_TOKEN: 'e0c1f5a97d2b4c68' }).metricsToken).to.equal('e0c1f5a97d2b4c68');
    for (const METRICS_TOKEN of ['short', 'with a space, although long']) {
      expect(messageOf({ METRICS_TOKEN })).to.contain('METRICS_TOKEN must have').and.not.to.contain(METRICS_TOKEN);
    }
  });

  it('takes several keys', () => {
    const keys = `${makeKey('k2')},${makeKey('k1')}`;
    expect(read({ APP_KEY: keys }).appKey).to.equal(keys);
  });

  it('is explained variable by variable in .env.example', () => {
    const example = readFileSync(path.join(projectRoot, '.env.example'), 'utf8');
    const names =
      'PUBLIC_URL PORT HOST DATABASE_URL DATA_DIR APP_KEY TRUST_PROXY LOG_LEVEL LANGUAGE ADMIN_EMAIL ADMIN_PASSWORD SMTP_URL MAIL_FROM';
    for (const name of names.split(' ')) expect(example, name).to.match(new RegExp(`^#${name}=`, 'm'));
  });
});
