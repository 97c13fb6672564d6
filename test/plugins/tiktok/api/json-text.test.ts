import { expect } from 'chai';
import { parseExactJson } from '../../../../plugins/tiktok/api/json-text.ts';

const id = '7560123456789012345';

describe('The text of an answer', () => {
  it('keeps every id of 19 digits, wherever it stands and however it is set', () => {
    const texts = [`{"id":${id}}`, `{"id": ${id} }`, `{"id":\n\t${id}}`, `{"id":"${id}"}`];
    for (const text of texts) expect(parseExactJson(text), text).to.deep.equal({ id });
    expect(parseExactJson(`[${id},1, ${id}]`)).to.deep.equal([id, 1, id]);
    expect(parseExactJson(`{"id":-${id}}`)).to.deep.equal({ id: `-${id}` });
    expect(parseExactJson(id)).to.equal(id);
  });

  it('leaves numbers that fit, fractions, and digits inside words what they are', () => {
    const caption = `Bake 12, then: ${id}, [${id}] "${id}" \\`;
    const value = { caption, at: 1_800_000_000_000, most: Number.MAX_SAFE_INTEGER, share: 0.1234567890123456 };
    expect(parseExactJson(JSON.stringify(value))).to.deep.equal(value);
    expect(parseExactJson(`{"caption":${JSON.stringify(caption)},"id":${id}}`)).to.deep.equal({ caption, id });
  });

  it('takes a null as absent, and says undefined of what is no JSON', () => {
    expect(parseExactJson('{"a":null,"b":{"c":null,"d":"null"}}')).to.deep.equal({ b: { d: 'null' } });
    expect(parseExactJson(`{"a":null,"id":${id}}`)).to.deep.equal({ id });
    expect(parseExactJson('<html>')).to.equal(undefined);
    expect(parseExactJson('')).to.equal(undefined);
  });
});
