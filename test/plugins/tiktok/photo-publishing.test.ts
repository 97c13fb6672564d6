import { expect } from 'chai';
import type { Step } from '#plugin-api';
import { openPhotoStage, type PhotoStage } from './photo-stage.ts';
import { publicOptions } from './support.ts';
import { until } from '../../support/until.ts';

const two = [
  { width: 900, height: 1200 },
  { width: 700, height: 700, format: 'webp' as const },
];

describe('publishing photos', function () {
  this.timeout(20_000);
  let photos: PhotoStage;

  afterEach(() => photos.close());

  const open = async (): Promise<void> => {
    photos = await openPhotoStage(two);
  };
  const posts = () => photos.stage.simulator.control.posts();
  const inits = () => photos.stage.simulator.control.publishes();

  /** Steps to the end; the simulator fetches in real time, whatever its clock says. */
  const finish = async (most = 60): Promise<string> => {
    for (let count = 0; count < most; count += 1) {
      const step = await photos.stage.step();
      if (!['continue', 'start-over', 'wait'].includes(step.kind)) {
        return step.kind === 'failed' || step.kind === 'needs-attention'
          ? `${step.kind} ${step.because.code}`
          : step.kind;
      }
      await fetchingEnds();
    }
    throw new Error('No end.');
  };
  const fetchingEnds = () =>
    until(
      () => inits().every((row) => row.status !== 'PROCESSING_DOWNLOAD' || row.sha256 !== ''),
      'the photos are here',
    );

  it('posts them in order, with title, description, cover and exactly what the person chose', async () => {
    await open();
    photos.stage.cover = 1;
    photos.stage.caption = 'Two trays of cardamom buns #fika';
    const chosen = { disclose: true, yourBrand: true, brandedContent: false, aiGenerated: false };
    photos.stage.options = { ...publicOptions, ...chosen, allowComment: false, title: 'This morning', autoMusic: true };
    expect(await finish()).to.equal('published');
    const [post] = posts();
    expect(posts()).to.have.length(1);
    expect(post).to.include({
      ...{ caption: 'Two trays of cardamom buns #fika', privacy_level: 'PUBLIC_TO_EVERYONE', disable_comment: true },
      ...{ brand_organic_toggle: true, brand_content_toggle: false },
    });
    expect(post?.photos).to.include({ title: 'This morning', count: 2, photo_cover_index: 1, auto_add_music: true });
    const media = photos.stage.photos?.media ?? [];
    expect(post?.photos?.fetched.map(({ sha256 }) => sha256)).to.deep.equal(media.map(({ sha256 }) => sha256));
    expect(photos.fetched).to.deep.equal(['1', '2']);
    const end = photos.stage.ledger.steps.at(-1);
    expect(end?.kind === 'published' ? (end.url ?? '') : '').to.match(/\/@hazelandrye\/photo\/\d{19}$|^$/u);
  });

  it('posts once at most, whichever process dies after whichever call, and says where it does not know', async () => {
    const ends: string[] = [];
    for (let victim = 0; victim < 4; victim += 1) {
      await open();
      for (let count = 0; count < victim; count += 1) await photos.stage.step();
      await photos.stage.call();
      photos.stage.restart();
      ends.push(await finish());
      expect(posts().length, `after call ${victim}: ${ends.at(-1)}`).to.be.at.most(1);
      expect(inits().length).to.be.at.most(1);
      if (ends.at(-1) === 'published') expect(posts()).to.have.length(1);
      if (victim < 3) await photos.close();
    }
    // The look is repeated; the post whose answer was not stored needs a person; the status is asked again.
    expect(ends).to.deep.equal(['published', 'needs-attention outcome_unknown', 'published', 'published']);
  });

  it('needs a person where another process takes over past the point of no return', async () => {
    await open();
    await photos.stage.step();
    photos.stage.restart();
    expect(await finish()).to.equal('needs-attention outcome_unknown');
    expect(inits()).to.deep.equal([]);
  });

  for (const kind of ['server-error-after', 'drop-after', 'truncated-json', 'html-body', 'drop-before'] as const) {
    it(`needs a person after a post whose answer is lost (${kind}), and never posts again`, async () => {
      await open();
      photos.stage.simulator.control.setSwitches({ failures: [{ endpoint: 'content/init', kind }] });
      expect(await finish()).to.equal('needs-attention outcome_unknown');
      expect(photos.stage.ledger.steps.at(-1)).to.include({ mayBePosted: true });
      expect(inits().length).to.be.at.most(1);
    });
  }

  it('finds photos whose answer was lost in TikTok’s list when a person has it checked again, unless it could be another post', async () => {
    await open();
    photos.stage.simulator.control.setSwitches({
      ...{ post_id_delay_seconds: 1 },
      failures: [{ endpoint: 'content/init', kind: 'drop-after' }],
    });
    expect(await finish()).to.equal('needs-attention outcome_unknown');
    const { attempt } = photos.stage.ledger;
    const askedAgainAt = photos.stage.now();
    const check = async (): Promise<Step> => {
      photos.stage.ledger.attempt = { ...attempt, askedAgainAt };
      return photos.stage.call();
    };
    const early = await check();
    expect(early).to.include({ kind: 'needs-attention', mayBePosted: true });
    expect(early).to.have.nested.property('because.sentence').that.includes('0 came since the photos were sent');
    await until(() => {
      photos.stage.simulator.control.advanceClock(1_000);
      return (posts()[0]?.post_id ?? null) !== null;
    }, 'it is in the list');
    const id = String(posts()[0]?.post_id);
    expect(await check()).to.deep.include({
      ...{ kind: 'published', remoteIds: [id] },
      url: `https://www.tiktok.com/@hazelandrye/photo/${id}`,
    });
    const rival = { deliveryId: 2, caption: photos.stage.caption, durationMs: null, sentAt: askedAgainAt };
    photos.stage.rivals = { posts: [{ ...rival, publishedAt: askedAgainAt }], linkedIds: new Set() };
    expect(await check()).to.have.nested.property('because.code', 'list_unclear');
    photos.stage.rivals = { posts: [], linkedIds: new Set([id]) };
    expect(await check()).to.have.nested.property('because.code', 'not_listed');
    expect(inits()).to.have.length(1);
  });

  it('sends nothing where the access was slow to come, and what was looked at is old by then or the process stops', async () => {
    for (const reason of ['old', 'stopping'] as const) {
      await open();
      await photos.stage.step();
      const stop = new AbortController();
      const { account } = photos.stage.tools();
      const accessToken = (): Promise<string> => {
        if (reason === 'old') photos.stage.simulator.control.advanceClock(11 * 60_000);
        else stop.abort();
        return account.accessToken();
      };
      photos.stage.tools = () => ({ account: { ...account, accessToken }, signal: stop.signal });
      expect(await photos.stage.step()).to.include({ kind: 'start-over', reason: 'not_sent' });
      expect(inits()).to.deep.equal([]);
      if (reason === 'old') await photos.close();
    }
  });

  it('R37: posts nothing from an address that nobody has confirmed', async () => {
    await open();
    photos.stage.isAddressVerified = false;
    expect(await finish()).to.equal('failed address_unverified');
    expect(inits()).to.deep.equal([]);
  });

  it('R37: fails with the reason where TikTok knows the address not, and takes the confirmation back', async () => {
    await open();
    const { control } = photos.stage.simulator;
    for (const { client_key } of control.apps())
      control.putApp({ client_key, url_properties: ['https://x.example/m/'] });
    expect(await finish()).to.equal('failed url_ownership_unverified');
    expect(photos.stage.withdrawn).to.deep.equal(['url_ownership_unverified']);
    expect(posts()).to.deep.equal([]);
  });

  it('begins again once where TikTok cannot fetch them, then fails with the reason', async () => {
    await open();
    photos.shut();
    expect(await finish()).to.equal('failed photo_pull_failed');
    expect(posts()).to.deep.equal([]);
    expect(inits()).to.have.length(2);
  });

  it('begins again later where TikTok takes no more for now', async () => {
    await open();
    const failures = [{ endpoint: 'content/init', kind: 'rate-limited' }] as const;
    photos.stage.simulator.control.setSwitches({ failures });
    expect(await finish()).to.equal('published');
    expect(posts()).to.have.length(1);
    expect(photos.stage.ledger.steps.map(({ kind }) => kind)).to.include('start-over');
  });
});
