import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { actKinds } from '../../../core/events/act-kinds.ts';
import { askedFrom, currentAddress } from '../../../core/events/asked-from.ts';
import { createEventLog } from '../../../core/events/event-log.ts';
import { projectRoot } from '../../../core/project-root.ts';
import { createTestClock } from '../../support/clock.ts';
import { onEachDatabase } from '../../support/each-database.ts';

onEachDatabase('A record of what people did', (db) => {
  const about = { teamId: null, actorId: null, subject: 'user', subjectId: 1, facts: {} } as const;

  it('says where it was asked for, and counts as an act only where it is one', async () => {
    const events = createEventLog({ db: db(), clock: createTestClock() });
    await askedFrom('203.0.113.7', () => events.record({ ...about, kind: 'user.disabled' }));
    await events.record({ ...about, kind: 'delivery.step' });
    const rows: unknown = await db().knex('events').orderBy('id').select('address', 'is_act');
    expect(JSON.parse(JSON.stringify(rows))).to.deep.equal([
      { address: '203.0.113.7', is_act: 1 },
      { address: null, is_act: 0 },
    ]);
  });
});

describe('Where a request came from', () => {
  it('is an address, written one way, or nothing', () => {
    const read = (typed: string | undefined) => askedFrom(typed, currentAddress);
    expect(read('::ffff:203.0.113.7')).to.equal('203.0.113.7');
    expect(read('2001:db8::1')).to.equal('2001:db8::1');
    for (const none of [undefined, '', 'evil\r\nX: y', '1.2.3', 'localhost', `fe80::1%${'e'.repeat(60)}`]) {
      expect(read(none), String(none)).to.equal(null);
    }
    expect(currentAddress()).to.equal(null);
  });
});

describe('The kinds of acts', () => {
  for (const language of ['en', 'th']) {
    it(`all have their words: ${language}`, () => {
      const texts: unknown = JSON.parse(
        readFileSync(path.join(projectRoot, `core/locales/${language}/activity.json`), 'utf8'),
      );
      const wordless = Object.values(actKinds)
        .flat()
        .filter((kind) => typeof at(texts, `kind.${kind}`) !== 'string');
      expect(wordless).to.deep.equal([]);
    });
  }
});

function at(value: unknown, key: string): unknown {
  return key
    .split('.')
    .reduce<unknown>(
      (part, name) => (typeof part === 'object' && part !== null ? Reflect.get(part, name) : undefined),
      value,
    );
}
