import { expect } from 'chai';
import ejs from 'ejs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTemplates } from '../../../core/web/templates.ts';

describe('Templates', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'templates-'));
    await mkdir(path.join(folder, 'partials'));
  });
  after(() => rm(folder, { recursive: true }));

  const seen = (model: Readonly<Record<string, unknown>>) => ({ words: {}, model });
  const write = (name: string, text: string) => writeFile(path.join(folder, `${name}.ejs`), text);
  const open = (cache: boolean) =>
    createTemplates({ fileOf: (name) => path.join(folder, `${name}.ejs`), escape: ejs.escapeXML, cache });

  it('include each other with what they see themselves, and names of their own in front of those', async () => {
    await write(
      'page',
      "<%- include('/row', { name: 'Malee <3' }) %>|<%- include('/row') %>|<%- include('/row', it) %>",
    );
    await write('row', '<%= it.word %> <%= it.name %>');
    expect(open(true).draw('page', seen({ word: 'of', name: 'Maja' }))).to.equal('of Malee &lt;3|of Maja|of Maja');
  });

  it('show a partial the words of the page and what it is handed, and nothing else the page knows', async () => {
    await write(
      'list',
      "<%- include('/partials/name', { name: it.first }) %>, <%- include('/name', { name: it.first }) %>",
    );
    await write('partials/name', "<%- include('/partials/mark', { of: it.name }) %>");
    await write('partials/mark', '<%= it.hello %> <%= it.of %><%= it.first %>');
    await write('name', '<%= it.first %>');
    const model = { words: { hello: 'Hello' }, model: { first: 'Maja' } };
    expect(open(true).draw('list', model)).to.equal('Hello Maja, Maja');
  });

  it('draw the kept parts of the frame of the facts of the frame alone, and again once one of them has changed', async () => {
    await mkdir(path.join(folder, 'frame/kept'), { recursive: true });
    await write('framed', "<%- include('/frame/kept/side', it) %> around <%= it.title %>");
    await write(
      'frame/kept/side',
      "<% it.seen.push(it.team) %><%= it.title %><%- include('/partials/of', { n: it.team }) %>",
    );
    await write('partials/of', '<%= it.hello %> <%= it.n %><%= it.path %>');
    const drawn: string[] = [];
    const templates = open(true);
    const draw = (title: string, team: string) =>
      templates.draw('framed', {
        ...{ words: { hello: 'Hello', path: '/x' }, model: { title, team } },
        frame: { words: { hello: 'Hi', seen: drawn }, facts: { team } },
      });
    expect(draw('Posts', 'Hazel <3')).to.equal('Hi Hazel &lt;3 around Posts');
    expect(draw('Files', 'Hazel <3')).to.equal('Hi Hazel &lt;3 around Files');
    expect(draw('Files', 'Rye')).to.equal('Hi Rye around Files');
    expect(draw('Posts', 'Hazel <3')).to.equal('Hi Hazel &lt;3 around Posts');
    expect(drawn).to.deep.equal(['Hazel <3', 'Rye']);
  });

  it('name the file and the line of an error, also in what they include', async () => {
    await write('outer', "<p>\n<%- include('/inner', { list: null }) %>");
    await write('inner', '<ul>\n\n<%= it.list.length %>');
    const draw = () => open(true).draw('outer', seen({}));
    expect(draw).to.throw(/outer\.ejs:2\n[^]*inner\.ejs:3\n[^]*of null/u);
  });

  it('are read once where they are kept, and each time where a change is to show', async () => {
    await write('note', 'before');
    const [kept, anew] = [open(true), open(false)];
    expect([kept.draw('note', seen({})), anew.draw('note', seen({}))]).to.deep.equal(['before', 'before']);
    await write('note', 'after');
    expect([kept.draw('note', seen({})), anew.draw('note', seen({}))]).to.deep.equal(['before', 'after']);
  });
});
