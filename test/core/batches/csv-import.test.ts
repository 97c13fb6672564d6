import { expect } from 'chai';
import { readCsv } from '../../../core/batches/import/csv-text.ts';
import { readId } from '../../../core/posts/post-form.ts';
import { createVideo } from '../posts/posts-world.ts';
import { declaration } from './batches-world.ts';
import { openImportWorld, type ImportWorld } from './import-world.ts';

describe('the text of a CSV file', () => {
  const bytesOf = (text: string, encoding: BufferEncoding = 'utf8') => Buffer.from(text, encoding);

  for (const [name, text, encoding] of [
    ['commas and a mark', '\uFEFFfile,caption\r\na.mp4,"Butter, two ways"\r\n', 'utf8'],
    ['semicolons', 'file;caption\na.mp4;"Butter, two ways"\n', 'utf8'],
    ['tabs in UTF-16', '\uFEFFfile\tcaption\r\na.mp4\tButter, two ways\r\n', 'utf16le'],
    ['old line ends', 'file,caption\ra.mp4,"Butter, two ways"\r', 'utf8'],
  ] as const) {
    it(`is read with ${name}.`, () => {
      const read = readCsv(bytesOf(text, encoding));
      expect(read).to.deep.equal({
        ...{ ok: true, head: ['file', 'caption'] },
        lines: [{ line: 2, cells: ['a.mp4', 'Butter, two ways'] }],
      });
    });
  }

  it('keeps line ends inside quotes, and counts lines as an editor does.', () => {
    const read = readCsv(bytesOf('file,caption\na.mp4,"One\nTwo"\n\nb.mp4,"He said ""no"""\n'));
    expect(read.ok && read.lines).to.deep.equal([
      { line: 2, cells: ['a.mp4', 'One\nTwo'] },
      { line: 5, cells: ['b.mp4', 'He said "no"'] },
    ]);
  });

  it('is refused where it is no text, empty, or a quotation mark has no end.', () => {
    expect(readCsv(Buffer.from([0x66, 0xff, 0xfe, 0x00]))).to.deep.equal({ ok: false, because: 'encoding' });
    expect(readCsv(bytesOf(''))).to.deep.equal({ ok: false, because: 'empty' });
    expect(readCsv(bytesOf('file,caption\na.mp4,"open\n'))).to.include({ ok: false, because: 'quotes' });
  });
});

/** One row for each kind of fault, with the column that is to be named. */
const faults: readonly (readonly [column: string, change: Readonly<Record<string, string>>])[] = [
  ['file', { file: '' }],
  ['file', { file: 'nowhere.mp4' }],
  ['file', { file: 'twice.mp4' }],
  ['file', { file: 'bun.mp4|picture.jpg' }],
  ['file', { file: 'long.mp4' }],
  ['channels', { channels: '' }],
  ['channels', { channels: '@nobody' }],
  ['channels', { channels: '@paused' }],
  ['date', { date: '2026-13-40' }],
  ['date', { date: '' }],
  ['time', { time: '' }],
  ['date', { time: 'at nine' }],
  ['time', { date: '2020-01-01' }],
  ['cover_seconds', { cover_seconds: 'late' }],
  ['cover_seconds', { cover_seconds: '999' }],
  ['privacy', { privacy: 'My aunt' }],
  ['allow_comment', { allow_comment: 'perhaps' }],
  ['ai_generated', { ai_generated: 'maybe' }],
  ['caption', { caption: 'x'.repeat(2_201) }],
  ['', { caption: 'The same as the first' }],
];

describe('an imported table', function () {
  this.timeout(60_000);
  let world: ImportWorld;
  /** The address of the batch that the large table has made. */
  let batch = '';
  before(async () => {
    world = await openImportWorld();
  });
  after(() => world.close());

  it('names exactly the 20 faulty rows of 500 and their columns, saves nothing before, and makes no doubles.', async () => {
    const head = ['file', 'caption', 'channels', 'date', 'time', 'cover_seconds'];
    const columns = [...head, 'privacy', 'allow_comment', 'ai_generated'];
    const day = (n: number) => new Date(Date.UTC(2027, 0, 1 + Math.floor(n / 10))).toISOString().slice(0, 10);
    const good = (n: number): Record<string, string> => ({
      ...{ file: 'bun.mp4', caption: `Bun, number ${n}`, channels: '@hazelandrye', cover_seconds: '1.5' },
      ...{ date: day(n), time: `${String(8 + (n % 10)).padStart(2, '0')}:30` },
      ...{ privacy: n % 2 === 0 ? 'Only me' : '', allow_comment: 'no', ai_generated: '' },
    });
    const rows = Array.from({ length: 500 }, (_, n): Record<string, string> => good(n));
    rows[0] = { ...good(0), caption: 'The same as the first' };
    const bad = new Map<number, string>();
    for (const [n, [column, change]] of faults.entries()) {
      const at = 24 * (n + 1);
      rows[at] = { ...(column === '' ? good(0) : good(at)), ...change };
      bad.set(at + 2, column);
    }
    const quoted = (text = ''): string => `"${text.replaceAll('"', '""')}"`;
    const csv = [columns, ...rows.map((row) => columns.map((name) => row[name]))]
      .map((cells) => cells.map(quoted).join(','))
      .join('\r\n');
    const report = await world.read(csv);
    const found = [...report.text.matchAll(/<tr data-line="(\d+)">.*?<td class="t-code">(.*?)<\/td>/gs)].map(
      ([, line = '', cells = '']): [number, string] => [
        Number(line),
        (/>([^<]*)</.exec(cells)?.[1] ?? '').replace('–', ''),
      ],
    );
    expect(new Map(found)).to.deep.equal(bad);
    expect(report.text).to.include('Import 480 rows').and.not.to.include('<script>alert');
    expect(await world.countPosts()).to.equal(0);

    const made = await world.browser.post(report.address);
    batch = String(made.headers['location']);
    expect(await world.countPosts()).to.equal(480);
    const table = await world.browser.get(batch);
    expect(table.text).to.include('480 videos').and.to.include('Privacy: Only me');
    expect(readId(batch.split('/').at(-1))).to.be.a('number');

    expect((await world.send(csv)).headers['location'], 'the same file leads to its batch').to.equal(batch);
    const again = await world.browser.post(report.address);
    expect(again.headers['location'], 'a second press makes nothing').to.equal(batch);
    const corrected = await world.read(csv.replace('"nowhere.mp4"', '"bun.mp4"'));
    expect(corrected.text).to.include('Import 1 row').and.to.include('480 rows are here already');
    expect(await world.countPosts()).to.equal(480);
  });

  it('stands in one table of 480 rows, drawn and checked with a few statements, and is scheduled with one press.', async () => {
    const statements: string[] = [];
    const note = ({ sql }: { readonly sql: string }): void => void statements.push(sql);
    const counted = async (address: string): Promise<{ readonly text: string; readonly count: number }> => {
      statements.splice(0);
      world.db.knex.on('query', note);
      const { text } = await world.browser.get(address);
      world.db.knex.removeListener('query', note);
      return { text, count: statements.length };
    };
    const table = await counted(batch);
    const rows = [...table.text.matchAll(/data-row="(\d+)" data-version="(\d+)"/g)];
    expect(rows).to.have.length(480);
    expect(table.count).to.be.at.most(15);
    const refs = rows.map(([, id, version]) => `${id}:${version}`).join(',');
    const checks = await counted(`${batch}/checks?rows=${rows.map(([, id]) => id).join('.')}`);
    expect(checks.text.match(/data-tone="ok"/g)).to.have.length(480);
    expect(checks.count).to.be.at.most(15);

    const channel = /data-channels="(\d+)"/.exec(table.text)?.[1] ?? '';
    const tooMany = Array.from({ length: 501 }, (_, n) => `${n + 1}:1`).join(',');
    const press = (chosen: string) =>
      world.browser.post(`${batch}/schedule`, {
        ...{ nonce: 'c'.repeat(32), rows: chosen, groups: channel },
        ...{ ...declaration, [`options.${channel}.privacy`]: 'SELF_ONLY' },
      });
    await press(tooMany);
    expect((await world.browser.get(batch)).text).to.include('Up to 500 rows go at once. Nothing was changed');
    await press(refs);
    expect((await world.browser.get(batch)).text).to.include('480 scheduled.');
    expect(await world.db.knex('posts').where({ state: 'scheduled' }).select('id')).to.have.length(480);
  });

  it('takes photos in one cell, in their order, with cover, title and music of their own.', async () => {
    for (const fileName of ['one.jpg', 'two.jpg']) await createVideo(world.db, { team: world.team, fileName });
    await world.db
      .knex('media')
      .whereIn('file_name', ['one.jpg', 'two.jpg'])
      .update({ kind: 'picture', duration_ms: null });
    const csv = [
      'file,caption,channels,cover_seconds,cover_photo,title,auto_music',
      'two.jpg | one.jpg,Layers,@hazelandrye,,2,Croissants,yes',
      'two.jpg|nowhere.jpg,Layers,@hazelandrye,,,,',
      'one.jpg|two.jpg,Layers,@hazelandrye,1.5,3,,',
    ].join('\n');
    const report = await world.read(csv);
    expect(report.text).to.include('There is no file named nowhere.jpg').and.to.include('Photos have no seconds.');
    expect(report.text).to.include('Write which of the 2 photos is the cover').and.to.include('Import 1 row');
    const made = await world.browser.post(report.address);
    const table = await world.browser.get(String(made.headers['location']));
    expect(table.text).to.include('1 post').and.to.include('2 photos').and.to.include('two.jpg and 1 more');
    const [post] = await world.posts.findMany(world.team.id, [Number(/data-row="(\d+)"/.exec(table.text)?.[1])]);
    expect(post?.media.map(({ fileName }) => fileName)).to.deep.equal(['two.jpg', 'one.jpg']);
    expect(post?.cover).to.equal(1);
    const [delivery] = await world.desk.ofPost(world.team.id, post?.id ?? 0);
    expect(delivery?.options).to.deep.equal({ typed: { title: 'Croissants', autoMusic: '1' } });
  });

  it('says what is wrong with a file that is no table of ours, and offers a template with every column.', async () => {
    const world = await openImportWorld();
    try {
      for (const [csv, sentence] of [
        ['caption,time\nx,09:00\n', 'no column named file'],
        ['file,privcy\na.mp4,x\n', 'not known: privcy'],
        ['file,file\na.mp4,b.mp4\n', 'stands there twice'],
        ['file,caption\n', 'no rows'],
        [`file\n${'a.mp4\n'.repeat(2_001)}`, 'Up to 2000'],
      ] as const) {
        const answer = await world.send(csv);
        expect(answer.status, sentence).to.equal(422);
        expect(answer.text).to.include(sentence);
      }
      const template = await world.browser.get(`${world.tables}/template.csv`);
      const [head = ''] = template.text.replace('\uFEFF', '').split('\r\n');
      expect(head).to.equal(
        'file,caption,channels,date,time,cover_seconds,cover_photo,privacy,allow_comment,allow_duet,allow_stitch,disclose,your_brand,branded_content,ai_generated,title,auto_music',
      );
      expect(readCsv(Buffer.from(template.text)).ok).to.equal(true);
    } finally {
      await world.close();
    }
  });
});
