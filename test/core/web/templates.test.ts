import { expect } from 'chai';
import ejs from 'ejs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTemplates } from '../../../core/web/templates.ts';

describe('Templates', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'templates-'));
  });
  after(() => rm(folder, { recursive: true }));

  const write = (name: string, text: string) => writeFile(path.join(folder, `${name}.ejs`), text);
  const open = (cache: boolean) =>
    createTemplates({ fileOf: (name) => path.join(folder, `${name}.ejs`), escape: ejs.escapeXML, cache });

  it('include each other with what they see themselves, and names of their own in front of those', async () => {
    await write(
      'page',
      "<%- include('/row', { name: 'Malee <3' }) %>|<%- include('/row') %>|<%- include('/row', it) %>",
    );
    await write('row', '<%= it.word %> <%= it.name %>');
    expect(open(true).draw('page', { word: 'of', name: 'Maja' })).to.equal('of Malee &lt;3|of Maja|of Maja');
  });

  it('name the file and the line of an error, also in what they include', async () => {
    await write('outer', "<p>\n<%- include('/inner', { list: null }) %>");
    await write('inner', '<ul>\n\n<%= it.list.length %>');
    const draw = () => open(true).draw('outer', {});
    expect(draw).to.throw(/outer\.ejs:2\n[^]*inner\.ejs:3\n[^]*of null/u);
  });

  it('are read once where they are kept, and each time where a change is to show', async () => {
    await write('note', 'before');
    const [kept, anew] = [open(true), open(false)];
    expect([kept.draw('note', {}), anew.draw('note', {})]).to.deep.equal(['before', 'before']);
    await write('note', 'after');
    expect([kept.draw('note', {}), anew.draw('note', {})]).to.deep.equal(['before', 'after']);
  });
});
