import { expect } from 'chai';
import { type MariaDbServer, startMariaDb } from '../../support/mariadb.ts';
import { needs } from '../../support/needs.ts';
import { openTokenStorm, type TokenStorm } from '../../support/token-storm.ts';

describe('Single-use refresh tokens in several processes', function () {
  this.timeout(240_000);
  const noHarm = { concurrent: 0, refused: 0, needsReconnecting: 0 };
  let server: MariaDbServer;
  let storm: TokenStorm;
  before(needs('mariadbd'));
  before(async () => {
    server = await startMariaDb();
    storm = await openTokenStorm({ server, processes: 4, credentials: 50, seed: 'P7' });
  });
  after(async () => {
    await storm.close();
    await server.stop();
  });

  it('P7: are never used by two at once, nor twice (4 processes, 50 credentials, 5 rounds)', async () => {
    expect(await storm.rounds(5)).to.deep.equal({ ...noHarm, refreshes: 250, disagreements: 0 });
  });

  it('P7: outlive the database dying between TikTok’s answer and its row (10 credentials)', async () => {
    expect(await storm.blackouts(1)).to.deep.equal({ ...noHarm, refreshes: 10 });
  });

  it('P7: are lost only by a kill between TikTok’s new tokens and their row, and then by name (20 kills)', async () => {
    const { points, named, ...rest } = await storm.kills(20, 5);
    expect(rest).to.deep.equal({ processes: 4, concurrent: 0 });
    expect(points).to.deep.equal({
      'before-call': { killed: 4, lost: 0 },
      'in-flight': { killed: 4, lost: 0 },
      accepted: { killed: 4, lost: 4 },
      'after-response': { killed: 4, lost: 4 },
      'after-commit': { killed: 4, lost: 0 },
    });
    expect(named).to.deep.equal({ events: 8, logLines: 8 });
  });
});
