import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkMedia } from '../../../../plugins/tiktok/simulator/media-check.ts';
import * as tt from './support.ts';

const directory = mkdtempSync(join(tmpdir(), 'simulator-media-'));
let made = 0;

function makeVideo(options: {
  size?: string;
  rate?: number;
  seconds?: number;
  codec?: string;
  ending?: string;
}): string {
  const { size = '540x960', rate = 25, seconds = 2, codec = 'libx264', ending = 'mp4' } = options;
  made += 1;
  const file = join(directory, `${made}.${ending}`);
  const source = `testsrc=size=${size}:rate=${rate}:duration=${seconds}`;
  const coder = codec === 'libx264' ? ['-c:v', codec, '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'] : ['-c:v', codec];
  execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', source, ...coder, '-y', file]);
  return file;
}

function hasFfmpeg(): boolean {
  try {
    execFileSync('ffmpeg', ['-version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('TikTok simulator, the look at the received file', function () {
  this.timeout(60_000);
  before(function () {
    if (!hasFfmpeg()) this.skip();
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  const reason = async (options: Parameters<typeof makeVideo>[0], maxSeconds = 60): Promise<string | undefined> =>
    (await checkMedia(makeVideo(options), maxSeconds)).failReason;

  it('accepts H.264 in MP4 and MOV and reads its measures', async () => {
    const verdict = await checkMedia(makeVideo({}), 60);
    expect(verdict.failReason).to.equal(undefined);
    expect(verdict.facts).to.include({ width: 540, height: 960, codec: 'avc', seconds: 2 });
    expect(await reason({ ending: 'mov' })).to.equal(undefined);
  });

  it('refuses what is too long for the creator', async () => {
    expect(await reason({ seconds: 4 }, 2)).to.equal('duration_check_failed');
  });

  it('refuses a frame rate outside 23 to 60', async () => {
    expect(await reason({ rate: 10 })).to.equal('frame_rate_check_failed');
  });

  it('refuses a picture under 360 pixels', async () => {
    expect(await reason({ size: '320x640' })).to.equal('picture_size_check_failed');
  });

  it('refuses other codecs, other containers, half files and no video at all', async () => {
    expect(await reason({ codec: 'mpeg4' })).to.equal('file_format_check_failed');
    expect(await reason({ ending: 'mkv' })).to.equal('file_format_check_failed');
    const whole = readFileSync(makeVideo({}));
    const half = join(directory, 'half.mp4');
    writeFileSync(half, whole.subarray(0, whole.length / 2));
    expect((await checkMedia(half, 60)).failReason).to.equal('file_format_check_failed');
    writeFileSync(half, 'Rye and butter.');
    expect((await checkMedia(half, 60)).failReason).to.equal('file_format_check_failed');
  });

  it('decides over HTTP what becomes of the post', async () => {
    const stage = await tt.openStage();
    stage.simulator.control.setSwitches({ media_check: 'full' });
    const { access_token: token } = await tt.connect(stage);
    const bytes = readFileSync(makeVideo({}));
    for (const [content, expected] of [
      [bytes, 'PUBLISH_COMPLETE'],
      [tt.someBytes(1000), 'file_format_check_failed'],
    ] as const) {
      const { publishId, uploadUrl } = await tt.begin(stage, token, { source: tt.wholeFile(content.length) });
      expect((await tt.putWhole(uploadUrl, content)).status).to.equal(201);
      expect((await tt.status(stage, token, publishId)).text).to.include(expected);
    }
    const list = await tt.postJson(`${stage.url}/v2/video/list/?fields=duration,width,height`, { max_count: 1 }, token);
    expect(list.text).to.include('{"duration":2,"width":540,"height":960}');
    await stage.close();
  });
});
