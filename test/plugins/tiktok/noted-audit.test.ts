import { expect } from 'chai';
import type { CreatorInfo } from '../../../plugins/tiktok/api/replies.ts';
import { auditNote } from '../../../plugins/tiktok/unaudited.ts';
import { openStage } from './publishing.ts';
import type { PublishingStage } from './publishing.ts';
import { account, channel, publicOptions, t } from './support.ts';

describe('the Direct Post audit as an admin has noted it', () => {
  let stage: PublishingStage;
  beforeEach(async () => {
    stage = await openStage(1_200_345);
    stage.options = { ...publicOptions, allowDuet: false, allowStitch: false, privacy: 'FOLLOWER_OF_CREATOR' };
    stage.simulator.control.putAccount({ username: 'hazelandrye', private: true });
  });
  afterEach(() => stage.close());

  const note = (isAudited: boolean | undefined): void => {
    stage.isAudited = isAudited;
    stage.restart();
  };
  const fieldsRefused = async (): Promise<readonly string[]> =>
    (await stage.publisher().check(stage.delivery(), account(stage.token))).map(({ field }) => field);

  it('refuses without it what TikTok refuses: more than “Only me”, and a public account', async () => {
    note(false);
    expect(await fieldsRefused()).to.deep.equal(['privacy']);
    stage.simulator.control.putAccount({ username: 'hazelandrye', private: false });
    stage.options = { ...publicOptions, privacy: 'SELF_ONLY' };
    expect(await fieldsRefused()).to.deep.equal(['channel']);
  });

  it('asks for no upload without it, says where the note is, and posts once it is noted as audited', async () => {
    note(false);
    const step = await stage.finish();
    expect(step).to.deep.include({ kind: 'needs-attention', mayBePosted: false });
    expect(step).to.have.nested.property('because.sentence').that.includes('noted as not audited for Direct Post');
    expect(step).to.have.nested.property('because.sentence').that.includes('API Integration');
    expect(stage.simulator.control.requests().map(({ endpoint }) => endpoint)).not.to.include('video/init');
    note(true);
    expect(await fieldsRefused()).to.deep.equal([]);
    expect(await stage.finish()).to.have.property('kind', 'published');
  });

  it('guesses only where nothing is noted', () => {
    const creator: CreatorInfo = {
      nickname: 'Hazel & Rye',
      username: 'hazelandrye',
      privacyOptions: ['SELF_ONLY'],
      commentDisabled: false,
      duetDisabled: false,
      stitchDisabled: false,
      maxDurationSeconds: 600,
    };
    const tone = (isAudited: boolean | undefined) => auditNote({ channel, creator, isAudited }, t)?.tone;
    expect([tone(undefined), tone(true), tone(false)]).to.deep.equal(['warn', undefined, 'info']);
  });
});
