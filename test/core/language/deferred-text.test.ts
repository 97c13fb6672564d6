import { expect } from 'chai';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { defer, inEnglish, resolve, withoutMarks } from '../../../core/language/deferred-text.ts';
import { loadTexts, type Texts } from '../../../core/web/texts.ts';

describe('A deferred text', () => {
  let folder = '';
  let texts: Texts;
  const rooms = {
    en: { hello: 'Hello {{name}}', posts_one: '{{count}} post', posts_other: '{{count}} posts', only: 'Only here' },
    th: { hello: 'สวัสดี {{name}}', posts_other: '{{count}} โพสต์' },
  };
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'texts-'));
    for (const [language, room] of Object.entries(rooms)) {
      await mkdir(path.join(folder, language));
      await writeFile(path.join(folder, language, 'room.json'), JSON.stringify(room));
    }
    const onMissing = (key: string): void => {
      throw new Error(`There is no text for ${key}.`);
    };
    texts = loadTexts({ folders: [folder], onMissing });
  });
  after(() => rm(folder, { recursive: true }));
  const said = (text: string) => [texts.speech('en').say(text), texts.speech('th').say(text)];

  it('becomes words in the language of each who reads it', () => {
    expect(said(texts.deferring('room:hello', { name: 'Maja' }))).to.deep.equal(['Hello Maja', 'สวัสดี Maja']);
  });

  it('keeps numbers, for the plural of each language', () => {
    expect(said(texts.deferring('room:posts', { count: 1 }))).to.deep.equal(['1 post', '1 โพสต์']);
    expect(said(texts.deferring('room:posts', { count: 3 }))).to.deep.equal(['3 posts', '3 โพสต์']);
  });

  it('may stand in another, among other words and in stored JSON', () => {
    const inner = texts.deferring('room:posts', { count: 2 });
    const outer = `${texts.deferring('room:hello', { name: `“${inner}”` })} (${inner})`;
    expect(JSON.parse(JSON.stringify({ outer }))).to.deep.equal({ outer });
    expect(said(outer)).to.deep.equal(['Hello “2 posts” (2 posts)', 'สวัสดี “2 โพสต์” (2 โพสต์)']);
  });

  it('passes through a text of a speaker who speaks at once', () => {
    const { t, say } = texts.speech('th');
    expect(say(t('room:hello', { name: texts.deferring('room:posts', { count: 2 }) }))).to.equal('สวัสดี 2 โพสต์');
  });

  it('is English where the language lacks it, and stays readable when the text is gone', () => {
    expect(said(texts.deferring('room:only'))).to.deep.equal(['Only here', 'Only here']);
    const gone = defer({ key: 'room:gone', values: { n: 1 }, english: 'It was here once.' });
    expect(said(gone)).to.deep.equal(['It was here once.', 'It was here once.']);
    expect(inEnglish(`log: ${texts.deferring('room:hello', { name: 'Maja' })}`)).to.equal('log: Hello Maja');
  });

  it('is refused at once when there is no such text', () => {
    expect(() => texts.deferring('room:nothing')).to.throw('room:nothing');
  });

  it('leaves finished words as they are', () => {
    expect(said('The video is too long. {{name}} $t(room:only)')[1]).to.equal(
      'The video is too long. {{name}} $t(room:only)',
    );
  });

  it('says nothing strange and throws nothing when it is cut off, nested without end or made up', () => {
    const whole = texts.deferring('room:hello', { name: texts.deferring('room:posts', { count: 2 }) });
    for (let length = 0; length < whole.length; length += 1) {
      expect(said(whole.slice(0, length))[1]).to.match(/^…?$/);
      expect(said(whole.slice(length))[1]).to.not.match(/[\uFDD0-\uFDD4]/);
    }
    const deep = `${'\uFDD0'.repeat(50_000)}room:hello${'\uFDD1'.repeat(50_000)}`;
    const made = ['\uFDD0\uFDD1', '\uFDD0__proto__\uFDD1', '\uFDD0room\uFDD2__proto__\uFDD4x\uFDD1', deep];
    const options = ['lng', 'ns', 'returnObjects', 'interpolation', 'replace', 'postProcess', 'count', 'context'];
    for (const name of options) made.push(`\uFDD0room:hello\uFDD2${name}\uFDD4th\uFDD1`);
    for (const text of made) expect(said(`a${text}z`).join('')).to.not.match(/[\uFDD0-\uFDD4]|object/);
  });

  it('is made by nobody else: what people type loses its marks', () => {
    const typed = `Hi ${texts.deferring('room:only')}`;
    expect(resolve(withoutMarks(typed), () => 'found')).to.equal(withoutMarks(typed));
    expect(withoutMarks('ราคา 50 บาท 🧁')).to.equal('ราคา 50 บาท 🧁');
  });
});
