import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { z } from 'zod';
import { projectRoot } from '../../../core/project-root.ts';

type Answer = { readonly kind: number | 'signedOut'; readonly version?: string };
type Fate = (answer: Answer, isHere: boolean) => string;
type Own = (words: { readonly person?: string }, person: string | undefined) => boolean;

const isFunction = (value: unknown): boolean => typeof value === 'function';
const script = z.object({ fateOf: z.custom<Fate>(isFunction), isOwn: z.custom<Own>(isFunction) });
const load = async () => {
  const loaded: unknown = await import(
    pathToFileURL(path.join(projectRoot, 'core/public/js/composer-leftovers.js')).href
  );
  return script.parse(loaded);
};

describe('words that did not arrive', () => {
  it('are forgotten only once the server has taken them', async () => {
    const { fateOf } = await load();
    for (const isHere of [true, false]) {
      expect(fateOf({ kind: 200, version: '3' }, isHere)).to.equal('forget');
      for (const kind of ['signedOut', 404, 409, 422] as const) {
        expect(fateOf({ kind, version: '3' }, isHere), String(kind)).not.to.equal('forget');
      }
    }
  });

  it('are asked about on the page of their post when somebody wrote meanwhile, and told of when refused', async () => {
    const { fateOf } = await load();
    expect(fateOf({ kind: 409, version: '3' }, true)).to.equal('ask');
    expect(fateOf({ kind: 409 }, true)).to.equal('tell');
    expect(fateOf({ kind: 422 }, true)).to.equal('tell');
    for (const kind of [409, 422]) expect(fateOf({ kind, version: '3' }, false)).to.equal('wait');
    expect(fateOf({ kind: 'signedOut' }, true)).to.equal('wait');
  });

  it('stay with whoever wrote them, and with nobody else who signs in', async () => {
    const { isOwn } = await load();
    expect(isOwn({ person: '7' }, '7')).to.equal(true);
    for (const person of ['8', '', undefined]) expect(isOwn({ person: '7' }, person)).to.equal(false);
    expect(isOwn({}, undefined)).to.equal(false);
  });
});
