import { expect } from 'chai';
import type { Finding } from '#plugin-api';
import {
  countBad,
  databaseVersion,
  putFindings,
  selectFindings,
  selectTokenHealth,
  selectWebhookTrace,
} from '../../../core/doctor/doctor-store.ts';
import { rememberRefusal, rememberWebhook } from '../../../core/deliveries/webhook-store.ts';
import { createPerson, createTeam } from '../../support/factories.ts';
import { onEachDatabase } from '../../support/each-database.ts';

const bad: Finding = {
  tone: 'bad',
  kind: 'none',
  sentence: 'ไม่มี worker',
  steps: ['1'],
  links: [],
  at: 1_700_000_000_000,
};
const fine: Finding = { tone: 'ok', kind: 'ok', sentence: 'fine', steps: [], links: [] };

onEachDatabase('What the setup check keeps and reads', (db) => {
  beforeEach(async () => {
    await db().knex('doctor_findings').delete();
    await db().knex('webhook_refusals').delete();
  });

  it('has the last finding of each check with who asked, and counts the bad ones of those there are', async () => {
    const { id: by } = await createPerson(db(), { name: 'Ines Holm' });
    await putFindings(db().knex, [
      { name: 'worker', finding: bad, at: 1, by: null },
      { name: 'gone', finding: bad, at: 1, by: null },
    ]);
    await putFindings(db().knex, [{ name: 'worker', finding: { ...bad, sentence: 'still none' }, at: 2, by }]);
    await putFindings(db().knex, [{ name: 'mail', finding: fine, at: 2, by: null }]);
    expect(await countBad(db().knex, ['worker', 'mail'])).to.equal(1);
    const kept = await selectFindings(db().knex, ['worker']);
    expect(kept).to.deep.equal([
      { name: 'worker', finding: { ...bad, sentence: 'still none' }, checkedAt: 2, checkedBy: 'Ines Holm' },
    ]);
  });

  it('counts the accesses in use, those that nobody refreshes and those that are lost', async () => {
    const { id: team_id } = await createTeam(db());
    const connect = async (account_id: string, facts: object): Promise<void> => {
      const [credential_id = 0] = await db()
        .knex('credentials')
        .insert({
          ...{ plugin: 'tiktok', app_key: 'aw1', account_id, mode: 'live', scopes: '[]', state: 'valid', version: 1 },
          ...{ access_token: '', refresh_token: '', refreshed_at: 50, access_expires_at: 500, refresh_expires_at: 900 },
          ...facts,
        });
      await db()
        .knex('channels')
        .insert({
          ...{ team_id, plugin: 'tiktok', credential_id, account_id, nickname: account_id, is_paused: false },
          connected_at: 1,
        });
    };
    expect(await selectTokenHealth(db().knex, { plugin: 'tiktok', endedBefore: 200 })).to.deep.equal({
      ...{ count: 0, overdue: 0, lost: 0, failing: 0, failingCode: undefined },
      refreshedAt: undefined,
    });
    await connect('a', {});
    await connect('b', {
      access_expires_at: 100,
      refreshed_at: 70,
      refresh_failed_at: 90,
      refresh_failed_code: 'no_answer',
    });
    await connect('c', { access_expires_at: 100, state: 'reconnect-needed' });
    expect(await selectTokenHealth(db().knex, { plugin: 'tiktok', endedBefore: 200 })).to.deep.equal({
      ...{ count: 3, overdue: 1, lost: 1, failing: 1, failingCode: 'no_answer' },
      refreshedAt: 70,
    });
  });

  it('remembers what came to a webhook address: the last event, and refusals once a minute', async () => {
    const event = { plugin: 'tiktok', identityHash: 'a'.repeat(64), event: 'tiktok.ping' };
    await rememberWebhook(db().knex, { ...event, at: 5 });
    const refusal = { plugin: 'tiktok', code: 'wrongSignature' };
    for (const at of [100_000, 130_000]) await rememberRefusal(db().knex, { ...refusal, at });
    const trace = { lastTakenAt: 5, refusedAt: { wrongSignature: 100_000 } };
    expect(await selectWebhookTrace(db().knex, 'tiktok')).to.deep.equal(trace);
    await rememberRefusal(db().knex, { ...refusal, at: 170_000 });
    expect((await selectWebhookTrace(db().knex, 'tiktok')).refusedAt).to.deep.equal({ wrongSignature: 170_000 });
    expect(await selectWebhookTrace(db().knex, 'other')).to.deep.equal({ lastTakenAt: undefined, refusedAt: {} });
  });

  it('names the database', async () => {
    expect(await databaseVersion(db())).to.match(/^(SQLite|MariaDB|MySQL) \d+\.\d+/u);
  });
});
