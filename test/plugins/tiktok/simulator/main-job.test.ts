import { expect } from 'chai';
import * as tt from './support.ts';

describe('TikTok simulator, the main job', () => {
  let stage: tt.Stage;
  beforeEach(async () => {
    stage = await tt.openStage();
  });
  afterEach(() => stage.close());

  it('connects an account, takes a video and lists it', async () => {
    const tokens = await tt.connect(stage);
    const bytes = tt.someBytes(1000);
    const { publishId, uploadUrl } = await tt.begin(stage, tokens.access_token);
    expect(publishId)
      .to.match(/^v_pub_file~v2-1\.\d+$/)
      .and.have.length.at.most(64);
    expect(uploadUrl).to.have.length.at.most(256);
    expect((await tt.putWhole(uploadUrl, bytes)).status).to.equal(201);
    const status = await tt.status(stage, tokens.access_token, publishId);
    expect(status.text).to.match(/"status":"PUBLISH_COMPLETE","publicaly_available_post_id":\[\d{19}\]/);
    const list = await tt.postJson(
      `${stage.url}/v2/video/list/?fields=id,video_description`,
      { max_count: 1 },
      tokens.access_token,
    );
    expect(list.text).to.include('Cardamom buns, start to finish #fika');
    const [post] = stage.simulator.control.posts();
    expect(post).to.include({ publish_id: publishId, account: 'hazelandrye', bytes: 1000, sha256: tt.sha256(bytes) });
  });

  it('shows what was posted on its page, and the received bytes', async () => {
    const tokens = await tt.connect(stage);
    const { publishId, uploadUrl } = await tt.begin(stage, tokens.access_token);
    await tt.putWhole(uploadUrl, tt.someBytes(1000));
    const page = await tt.ask(`${stage.url}/`);
    expect(page.text).to.include('What was posted').and.include('Cardamom buns').and.include('@hazelandrye');
    const video = await fetch(`${stage.url}/__simulator/posts/${encodeURIComponent(publishId)}/video`);
    expect(tt.sha256(Buffer.from(await video.arrayBuffer()))).to.equal(tt.sha256(tt.someBytes(1000)));
  });
});
