import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { projectRoot } from '../../../core/project-root.ts';
import { discoverPlugins, ownPlugins } from '../../../core/plugin-host/discover.ts';
import { failureOf } from '../../support/failure.ts';

const tinyPlugins = path.join(projectRoot, 'test/support/plugins');

describe('discovering plugins', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'castdeck-plugins-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (name: string, code: string): void => {
    mkdirSync(path.join(folder, name));
    writeFileSync(path.join(folder, name, 'index.js'), code);
  };

  it('finds the plugins of the installation and of further folders, with the folders they bring', async () => {
    const found = await discoverPlugins([ownPlugins, tinyPlugins]);
    const paperboy = found.find(({ plugin }) => plugin.id === 'paperboy');
    expect(paperboy).to.include({
      migrations: path.join(tinyPlugins, 'paperboy/migrations'),
      views: path.join(tinyPlugins, 'paperboy/views'),
      locales: path.join(tinyPlugins, 'paperboy/locales'),
    });
    expect(paperboy).to.not.have.property('publicFiles');
  });

  it('finds nothing where there is no folder, and skips folders without an index', async () => {
    mkdirSync(path.join(folder, 'notes'));
    expect(await discoverPlugins([folder, path.join(folder, 'absent')])).to.deep.equal([]);
  });

  it('reports every complaint about every plugin at once', async () => {
    const shape = `{ sets: [], modeEnvironment: 'mode', defaultSet: 'x', appKeyField: 'y', fields: [], addresses: [] }`;
    write('alpha', `export const plugin = { apiVersion: 2, id: 'Alpha', name: '', icon: 'x', settings: ${shape} };`);
    write('beta', 'export const other = 1;');
    write('gamma', 'throw new Error("it broke");');
    const { name, message } = await failureOf(discoverPlugins([folder]));
    expect(name).to.equal('StartError');
    for (const part of [
      'alpha: apiVersion: must be 1',
      'alpha: id: must be 2 to 20 lower-case letters.',
      'alpha: name: must not be empty.',
      'alpha: settings.sets: must name at least one set.',
      'alpha: settings.modeEnvironment: must be a name in capital letters.',
      'alpha: activate: must be a function.',
      'beta: index exports no `plugin`.',
      'gamma: it cannot be loaded: it broke',
    ]) {
      expect(message).to.contain(part);
    }
  });

  it('refuses ids that are not the folder’s name or begin the host’s tables, and variables of the host', async () => {
    const settings = (variable: string) =>
      `{ sets: [{ id: 'live', label: 'L', help: 'H' }], modeEnvironment: '${variable}', defaultSet: 'live', appKeyField: 'key',
         fields: [{ kind: 'text', id: 'key', label: 'K' }, { kind: 'choices', id: 'more', label: 'M' }], addresses: [] }`;
    const plugin = (id: string, variable: string) =>
      `export const plugin = { apiVersion: 1, id: '${id}', name: 'N', icon: 'x', settings: ${settings(variable)}, activate() {} };`;
    write('one', plugin('two', 'A_MODE'));
    write('post', plugin('post', 'A_MODE'));
    write('three', plugin('three', 'APP_KEY'));
    const { message } = await failureOf(discoverPlugins([folder]));
    expect(message).to.contain('one: id: "two" must be the name of its folder.');
    expect(message).to.contain('post: id: "post" is the beginning of a table of the host.');
    expect(message).to.contain('three: settings.modeEnvironment: is a variable of the host.');
    expect(message).to.contain('settings.fields: "more" must have choices');
  });

  it('refuses words in place of a text key in the settings, and keys without a text, each by its place', async () => {
    write(
      'words',
      `export const plugin = { apiVersion: 1, id: 'words', name: 'N', icon: 'x', activate() {}, settings: {
         sets: [{ id: 'live', label: 'words:live', help: 'For everybody: all of them.' }],
         modeEnvironment: 'A_MODE', defaultSet: 'live', appKeyField: 'key', addresses: [], fields: [
           { kind: 'text', id: 'key', label: 'App ID', help: 'channels:title' },
           { kind: 'choices', id: 'more', label: 'words:more', choices: [
             { value: 'see', why: 'words:more.see', byDefault: true },
             { value: 'post', why: 'words:more.post', byDefault: true },
           ] },
         ] } };`,
    );
    mkdirSync(path.join(folder, 'words/locales/en'), { recursive: true });
    const file = path.join(folder, 'words/locales/en/words.json');
    writeFileSync(file, JSON.stringify({ live: 'Live', more: { see: 'To see.' } }));
    const { message } = await failureOf(discoverPlugins([folder]));
    const places = [...message.matchAll(/words: settings\.(\S+): "(.*?)" is no key of the plugin's own texts\./g)];
    expect(places.map(([, place, key]) => [place, key])).to.deep.equal([
      ['sets.live.help', 'For everybody: all of them.'],
      ['fields.key.label', 'App ID'],
      ['fields.key.help', 'channels:title'],
      ['fields.more.label', 'words:more'],
      ['fields.more.choices.post', 'words:more.post'],
    ]);
    writeFileSync(file, '{');
    const { message: unreadable } = await failureOf(discoverPlugins([folder]));
    expect(unreadable).to.contain(`words: The texts in ${file} cannot be read.`);
  });

  it('refuses two plugins that read the same variable', async () => {
    const { message } = await failureOf(discoverPlugins([tinyPlugins, tinyPlugins]));
    expect(message).to.contain('paperboy: two plugins have this id.');
    expect(message).to.contain('PAPERBOY_AGENCY: two plugins read this environment variable.');
  });
});
