import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { expect } from 'chai';
import type { Step } from '#plugin-api';
import { openStage } from './publishing.ts';
import type { PublishingStage } from './publishing.ts';
import { publicOptions } from './support.ts';

const threePieces = 30_000_001;
const onePiece = 1_200_345;

describe('publishing a video', function () {
  this.timeout(240_000);
  let stage: PublishingStage;
  afterEach(() => stage.close());

  async function expectOnePost(): Promise<void> {
    const posts = stage.posted();
    const content = await readFile(stage.file.path);
    expect(posts.map(({ sha256 }) => sha256)).to.deep.equal([createHash('sha256').update(content).digest('hex')]);
  }

  async function expectPublished(): Promise<Step> {
    const end = await stage.finish();
    if (end.kind !== 'published') throw new Error(JSON.stringify(end));
    await expectOnePost();
    return end;
  }

  it('sends every byte once, in order, and crosses the point of no return before the last piece alone', async () => {
    stage = await openStage(threePieces);
    const end = await expectPublished();
    const crossing = stage.ledger.steps.findIndex((step) => step.kind === 'continue' && step.pointOfNoReturn === true);
    const before = stage.ledger.steps.slice(0, crossing);
    expect(before.map((step) => (step.kind === 'continue' ? step.percent : step.kind))).to.deep.equal([0, 0, 33, 66]);
    expect(stage.ledger.steps.filter((step) => 'pointOfNoReturn' in step)).to.have.length(1);
    const [row] = stage.simulator.control.publishes();
    expect(row?.chunk_requests).to.have.length(3);
    expect(end).to.deep.include({ kind: 'published' });
  });

  it('sends a small file whole, and tells how many posts a day the profile may have', async () => {
    stage = await openStage(onePiece);
    const caps = await stage.publisher().caps('awexample0000000');
    expect(caps).to.deep.equal([{ per: 'account', limit: 15, withinMs: 86_400_000 }]);
    await expectPublished();
    expect(stage.simulator.control.publishes()[0]?.chunk_requests).to.have.length(1);
  });

  it('sends what the person chose, and forbids by name what was not ticked', async () => {
    stage = await openStage(onePiece);
    await expectPublished();
    expect(stage.simulator.control.posts()[0]).to.include({
      caption: 'Cardamom buns #fika',
      privacy_level: 'PUBLIC_TO_EVERYONE',
      disable_comment: false,
      disable_duet: true,
      disable_stitch: true,
    });
  });

  it('gives the link with all of the post’s 19 digits as soon as TikTok does', async () => {
    stage = await openStage(onePiece);
    stage.simulator.control.setSwitches({ post_id_delay_seconds: 3600 });
    const end = await expectPublished();
    expect(end).to.include({ linkPending: true }).and.to.not.have.property('url');
    const look = (): ReturnType<PublishingStage['publisher']> => stage.publisher();
    const early = await look().findLink(stage.delivery(), stage.ledger.attempt, stage.tools());
    expect(early).to.deep.equal({ found: false });
    stage.simulator.control.advanceClock(3_700_000);
    const id = stage.simulator.control.posts()[0]?.post_id ?? '';
    expect(id).to.match(/^\d{19}$/u);
    const late = await look().findLink(stage.delivery(), stage.ledger.attempt, stage.tools());
    const url = `https://www.tiktok.com/@hazelandrye/video/${id}`;
    expect(late).to.deep.equal({ found: true, remoteIds: [id], url });
  });

  it('says that no public link will come for a post that not everybody may see', async () => {
    stage = await openStage(onePiece);
    stage.options = { ...publicOptions, privacy: 'SELF_ONLY' };
    const end = await expectPublished();
    expect(end).to.include({ noLinkBecause: 'No public link: this post is not visible to everyone.' });
    expect(end).to.not.have.property('linkPending');
  });

  it('publishes exactly once, whichever process dies after whichever call', async () => {
    for (let victim = 0; victim < 9; victim += 1) {
      stage = await openStage(threePieces);
      for (let count = 0; count < victim; count += 1) await stage.step();
      await stage.call();
      stage.restart();
      await expectPublished();
      const resent = stage.simulator.control.publishes().flatMap((row) => row.chunk_requests).length - 3;
      expect(resent, `after call ${victim}`).to.be.at.most(1);
      if (victim < 8) await stage.close();
    }
  });

  it('publishes exactly once when another process takes every single step', async () => {
    stage = await openStage(threePieces);
    for (let count = 0; count < 60; count += 1) {
      stage.restart();
      const step = await stage.step();
      if (step.kind === 'published') break;
    }
    expect(stage.ledger.steps.at(-1)).to.include({ kind: 'published' });
    await expectOnePost();
  });

  for (const kind of ['server-error-after', 'drop-after', 'truncated-json', 'html-body', 'drop-before'] as const) {
    it(`begins again after an opening whose answer is lost (${kind})`, async () => {
      stage = await openStage(onePiece);
      stage.simulator.control.setSwitches({ failures: [{ endpoint: 'video/init', kind }] });
      await expectPublished();
      const over = stage.ledger.steps.find((step) => step.kind === 'start-over');
      expect(over).to.include({ reason: 'init_lost' });
    });
  }

  it('waits until the first of three lost openings is 65 minutes old', async () => {
    stage = await openStage(onePiece);
    stage.simulator.control.setSwitches({ failures: [{ endpoint: 'video/init', kind: 'drop-after', times: 3 }] });
    const begun = stage.now();
    await expectPublished();
    const overs = stage.ledger.steps.filter((step) => step.kind === 'start-over');
    expect(overs.map((step) => step.at - begun >= 65 * 60_000)).to.deep.equal([false, false, true]);
  });

  for (const chunk of [1, 2, 'last'] as const) {
    for (const kind of ['drop-after', 'drop-midway', 'drop-before', 'server-error', 'server-error-after'] as const) {
      it(`goes on where TikTok says after piece ${chunk} met ${kind}`, async () => {
        stage = await openStage(threePieces);
        stage.simulator.control.setSwitches({ failures: [{ endpoint: 'upload', kind, chunk }] });
        await expectPublished();
        expect(stage.ledger.attempt.n).to.equal(1);
        const sent = stage.simulator.control.publishes()[0]?.chunk_requests.length ?? 0;
        expect(sent).to.be.at.most(4);
      });
    }
  }

  it('reads progress that names the last byte as well as progress that counts bytes', async () => {
    stage = await openStage(threePieces);
    const failures = [{ endpoint: 'upload', kind: 'drop-after', chunk: 1 } as const];
    stage.simulator.control.setSwitches({ upload_progress: 'last-index', failures });
    await expectPublished();
  });

  it('begins again at once when the link runs out before the point of no return', async () => {
    stage = await openStage(threePieces);
    for (let count = 0; count < 3; count += 1) await stage.step();
    stage.simulator.control.advanceClock(59 * 60_000);
    await expectPublished();
    const over = stage.ledger.steps.find((step) => step.kind === 'start-over');
    expect(over).to.include({ reason: 'url_expired' });
    expect(stage.ledger.attempt.n).to.equal(2);
  });

  it('begins again when TikTok says that the link has run out or is unknown', async () => {
    for (const kind of ['upload-url-expired', 'upload-forgotten'] as const) {
      stage = await openStage(threePieces);
      stage.simulator.control.setSwitches({ failures: [{ endpoint: 'upload', kind, chunk: 2 }] });
      await expectPublished();
      expect(stage.ledger.attempt.n).to.equal(2);
      if (kind === 'upload-url-expired') await stage.close();
    }
  });

  it('begins again once when the last piece was never sent and the link is long over', async () => {
    stage = await openStage(threePieces);
    while (stage.ledger.attempt.pointOfNoReturnAt === null) await stage.step();
    stage.restart();
    stage.simulator.control.advanceClock(58 * 60_000);
    const since = stage.now();
    await expectPublished();
    const over = stage.ledger.steps.find((step) => step.kind === 'start-over');
    expect(over).to.include({ reason: 'expired_unposted' });
    expect(stage.ledger.attempt.n).to.equal(2);
    const [dead] = stage.simulator.control.publishes();
    expect(dead?.chunk_requests).to.have.length(2);
    expect(over === undefined ? 0 : over.at - since).to.be.within(17 * 60_000, 40 * 60_000);
  });

  it('only looks when the last piece was never sent and the file is gone, and then fails', async () => {
    stage = await openStage(threePieces);
    while (stage.ledger.attempt.pointOfNoReturnAt === null) await stage.step();
    await rm(stage.file.path);
    const end = await stage.finish();
    expect(end).to.include({ kind: 'failed' }).and.to.have.nested.property('because.code', 'media_missing');
    expect(stage.posted()).to.have.length(0);
    expect(stage.ledger.attempt.n).to.equal(2);
  });

  it('asks the status only, however often it is not answered after the last piece', async () => {
    stage = await openStage(onePiece);
    const failures = (['server-error', 'rate-limited', 'drop-before', 'html-body', 'drop-after'] as const).map(
      (kind) => ({
        endpoint: 'status/fetch' as const,
        kind,
      }),
    );
    stage.simulator.control.setSwitches({ failures, processing_seconds: 1 });
    await expectPublished();
    expect(stage.simulator.control.publishes()).to.have.length(1);
  });

  it('parks a publish that TikTok has forgotten after the last piece', async () => {
    stage = await openStage(onePiece);
    const failures = [{ endpoint: 'status/fetch', kind: 'refuse', status: 400, code: 'invalid_publish_id' } as const];
    stage.simulator.control.setSwitches({ failures });
    const end = await stage.finish();
    expect(end).to.deep.include({ kind: 'needs-attention', mayBePosted: true });
    expect(end).to.have.nested.property('because.code', 'status_unknown');
  });

  it('ends as failed with TikTok’s reason', async () => {
    stage = await openStage(onePiece);
    const failures = [{ endpoint: 'publish', kind: 'fail-reason', reason: 'frame_rate_check_failed' } as const];
    stage.simulator.control.setSwitches({ failures });
    const end = await stage.finish();
    expect(end).to.include({ kind: 'failed' }).and.to.have.nested.property('because.code', 'frame_rate_check_failed');
    expect(end).to.have.nested.property('because.logId').that.is.a('string');
  });

  it('tries once more after a fault of TikTok’s own while processing', async () => {
    stage = await openStage(onePiece);
    const failures = [{ endpoint: 'publish', kind: 'fail-reason', reason: 'internal' } as const];
    stage.simulator.control.setSwitches({ failures });
    await expectPublished();
    expect(stage.ledger.attempt.n).to.equal(2);
  });

  it('waits with a hold while the profile’s cap is reached, and goes on when it is not', async () => {
    stage = await openStage(onePiece);
    stage.simulator.control.putAccount({ username: 'hazelandrye', daily_cap_reached: true });
    expect(await stage.step()).to.deep.include({ kind: 'wait', hold: 'quota' });
    stage.simulator.control.putAccount({ username: 'hazelandrye', daily_cap_reached: false });
    await expectPublished();
  });

  it('takes a place a minute and profile before each call that TikTok counts, and none for bytes', async () => {
    stage = await openStage(threePieces);
    await expectPublished();
    const names = stage.taken.map(({ name, per, limit }) => `${name} ${limit} per ${per}`);
    const before = ['creator_info/query 16 per account', 'posts 15 per account', 'video/init 5 per account'];
    expect(names.slice(0, 3)).to.deep.equal(before);
    expect(new Set(names.slice(3))).to.deep.equal(new Set(['status/fetch 24 per account']));
    expect(stage.taken.every(({ withinMs }) => withinMs >= 60_000)).to.equal(true);
  });

  it('waits with a hold while as many posts as an admin allows are out that day', async () => {
    stage = await openStage(onePiece);
    const at = stage.now() + 3_600_000;
    stage.fullUntil.set('posts', at);
    await expectPublished();
    const waits = stage.ledger.steps.filter((step) => step.kind === 'wait');
    expect(waits.map((step) => ({ at: step.at, hold: step.hold }))).to.deep.equal([{ at, hold: 'quota' }]);
  });

  for (const name of ['creator_info/query', 'video/init', 'status/fetch']) {
    it(`makes no call while there is no room for ${name}, and goes on when there is`, async () => {
      stage = await openStage(onePiece);
      const begun = stage.now();
      stage.fullUntil.set(name, begun + 60_000);
      await expectPublished();
      const waits = stage.ledger.steps.filter((step) => step.kind === 'wait');
      expect(waits.map((step) => ({ at: step.at, hold: step.hold }))).to.deep.equal([
        { at: begun + 60_000, hold: undefined },
      ]);
      expect(stage.simulator.control.publishes()).to.have.length(1);
    });
  }

  it('fails for a banned profile', async () => {
    stage = await openStage(onePiece);
    stage.simulator.control.putAccount({ username: 'hazelandrye', banned: true });
    expect(await stage.finish()).to.have.nested.property('because.code', 'spam_risk_user_banned_from_posting');
  });

  it('tells apps without audit what to do, and posts nothing', async () => {
    stage = await openStage(onePiece);
    stage.simulator.control.putApp({ client_key: 'awdemo7k2x9m4p1q', audited: false });
    const end = await stage.finish();
    expect(end).to.have.nested.property('because.code', 'unaudited_client_can_only_post_to_private_accounts');
    expect(end).to.have.nested.property('because.who', 'admin');
  });

  it('keeps token, upload address and bytes out of every step and error', async () => {
    stage = await openStage(threePieces);
    const kinds = ['server-error', 'drop-midway', 'refuse'] as const;
    stage.simulator.control.setSwitches({
      failures: kinds.map((kind) => ({ endpoint: 'upload' as const, kind, message: stage.token })),
    });
    await stage.finish().catch(() => undefined);
    const told = JSON.stringify(stage.ledger.steps.map((step) => ({ ...step, progress: null })));
    expect(told).to.not.include(stage.token);
    expect(told).to.not.match(/https?:\/\/127|upload_token|act\./u);
  });
});
