import { expect } from 'chai';
import sinon from 'sinon';
import { syncJob } from '../../../../plugins/tiktok/insights/sync.ts';
import { InsightStage } from './insight-stage.ts';

describe('A pass over all videos', () => {
  let stage: InsightStage;
  beforeEach(async () => {
    stage = await InsightStage.open();
  });
  afterEach(() => stage.close());

  it('reads on in the same claim where TikTok is quick, with the token that was read once', async () => {
    expect(await stage.sync()).to.equal(1);
    expect(await stage.listed()).to.have.length(214);
    expect(stage.tokensRead).to.equal(1);
  });

  it('keeps nothing of the pages behind those that could not be stored', async () => {
    const { deliveries } = stage.parts.host;
    const stub = sinon.stub(deliveries, 'findByRemoteIds').onFirstCall().rejects(new Error('The database is away.'));
    const error = await stage.run(syncJob(stage.parts)).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(Error).with.property('message', 'The database is away.');
    expect(await stage.listed()).to.have.length(0);
    expect((await stage.parts.profiles.find(stage.channel.id))?.pass).to.include({ cursor: null, seen: 0 });
    expect(stage.calls('video/list')).to.be.within(10, 11);
    stub.restore();
    await stage.sync();
    expect(await stage.listed()).to.have.length(214);
  });

  it('writes three statements for ten pages, and seven for a whole pass', async () => {
    let writes = 0;
    stage.db.knex.on('query', ({ sql }: { sql: string }) => {
      if (/^(?:insert|update|delete)/iu.test(sql)) writes += 1;
    });
    await stage.sync();
    expect(writes).to.equal(2 * 3 + 7);
  });
});
