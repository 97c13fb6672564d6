import { expect } from 'chai';
import { request } from 'node:http';
import { connect as openSocket } from 'node:net';
import * as tt from './support.ts';

const SIZE = 15_000_007;
const plan = { source: 'FILE_UPLOAD', video_size: SIZE, chunk_size: 5_242_880, total_chunk_count: 2 };
const FIRST: readonly [number, number, number] = [0, 5_242_879, SIZE];
const LAST: readonly [number, number, number] = [5_242_880, SIZE - 1, SIZE];

describe('TikTok simulator, the chunked upload', () => {
  const bytes = tt.someBytes(SIZE);
  const part = ([first, last]: readonly [number, number, number]): Buffer => bytes.subarray(first, last + 1);
  let stage: tt.Stage;
  let token: string;
  let publishId: string;
  let uploadUrl: string;
  beforeEach(async () => {
    stage = await tt.openStage();
    token = (await tt.connect(stage)).access_token;
    ({ publishId, uploadUrl } = await tt.begin(stage, token, { source: plan }));
  });
  afterEach(() => stage.close());

  const uploaded = async (): Promise<unknown> => tt.data(await tt.status(stage, token, publishId))['uploaded_bytes'];

  it('answers 206 and progress after each chunk, 201 after the last, and has every byte', async () => {
    const first = await tt.put(uploadUrl, part(FIRST), { range: FIRST });
    expect([first.status, first.headers.get('content-range')]).to.deep.equal([206, `bytes 0-5242880/${SIZE}`]);
    expect(await uploaded()).to.equal(5_242_880);
    expect(stage.simulator.control.posts()).to.deep.equal([]);
    const last = await tt.put(uploadUrl, part(LAST), { range: LAST });
    expect([last.status, last.headers.get('content-range')]).to.deep.equal([201, `bytes 0-${SIZE}/${SIZE}`]);
    expect(await uploaded()).to.equal(undefined);
    const [post] = stage.simulator.control.posts();
    expect(post).to.include({ sha256: tt.sha256(bytes), bytes: SIZE, arrived_at: tt.START });
    expect(post?.chunk_requests.map((chunk) => chunk.status)).to.deep.equal([206, 201]);
  });

  it('points at the last byte instead of counting when upload_progress says so', async () => {
    stage.simulator.control.setSwitches({ upload_progress: 'last-index' });
    const first = await tt.put(uploadUrl, part(FIRST), { range: FIRST });
    expect(first.headers.get('content-range')).to.equal(`bytes 0-5242879/${SIZE}`);
  });

  it('answers 416 with the progress to a chunk out of order and to one sent twice', async () => {
    const early = await tt.put(uploadUrl, part(LAST), { range: LAST });
    expect([early.status, early.headers.get('content-range')]).to.deep.equal([416, `bytes 0-0/${SIZE}`]);
    await tt.put(uploadUrl, part(FIRST), { range: FIRST });
    const again = await tt.put(uploadUrl, part(FIRST), { range: FIRST });
    expect([again.status, again.headers.get('content-range')]).to.deep.equal([416, `bytes 0-5242880/${SIZE}`]);
  });

  it('answers 416 to a chunk after the end', async () => {
    await tt.put(uploadUrl, part(FIRST), { range: FIRST });
    await tt.put(uploadUrl, part(LAST), { range: LAST });
    expect((await tt.put(uploadUrl, part(LAST), { range: LAST })).status).to.equal(416);
    expect(stage.simulator.control.posts()).to.have.length(1);
  });

  it('answers 400 to a wrong total, a wrong length, a chunk off the plan and bad headers', async () => {
    const total: readonly [number, number, number] = [0, 5_242_879, SIZE + 1];
    expect((await tt.put(uploadUrl, part(FIRST), { range: total })).status).to.equal(400);
    const longer: readonly [number, number, number] = [0, 5_242_880, SIZE];
    expect((await tt.put(uploadUrl, part(FIRST), { range: longer })).status).to.equal(400);
    expect((await tt.put(uploadUrl, part(longer), { range: longer })).status).to.equal(400);
    for (const headers of [
      { 'content-type': 'application/octet-stream' },
      { 'content-range': `0-5242879/${SIZE}` },
      { 'content-range': `bytes 0-5242879/*` },
    ])
      expect((await tt.put(uploadUrl, part(FIRST), { range: FIRST, headers })).status).to.equal(400);
    expect(await uploaded()).to.equal(0);
  });

  it('takes quicktime and webm too', async () => {
    const answer = await tt.put(uploadUrl, part(FIRST), {
      range: FIRST,
      headers: { 'content-type': 'video/quicktime' },
    });
    expect(answer.status).to.equal(206);
  });

  it('answers 404 to an address it never gave out', async () => {
    for (const wrong of [
      uploadUrl.replace(/token=./, 'token=~'),
      uploadUrl.replace(/id=\d/, 'id=0'),
      `${stage.url}/upload/video/`,
    ])
      expect((await tt.put(wrong, part(FIRST), { range: FIRST })).status).to.equal(404);
  });

  it('answers 403 after an hour, and the status never becomes final', async () => {
    await tt.put(uploadUrl, part(FIRST), { range: FIRST });
    stage.simulator.control.advanceClock(3_600_000);
    expect((await tt.put(uploadUrl, part(LAST), { range: LAST })).status).to.equal(403);
    expect(tt.data(await tt.status(stage, token, publishId))).to.deep.equal({
      status: 'PROCESSING_UPLOAD',
      uploaded_bytes: 5_242_880,
    });
  });

  it('counts no byte of a chunk whose connection broke, and takes it whole afterwards', async () => {
    const { port, pathname, search } = new URL(uploadUrl);
    await new Promise<void>((resolve) => {
      const socket = openSocket(Number(port), '127.0.0.1', () => {
        socket.write(
          `PUT ${pathname}${search} HTTP/1.1\r\nHost: x\r\nContent-Type: video/mp4\r\nContent-Length: 5242880\r\nContent-Range: bytes 0-5242879/${SIZE}\r\n\r\n`,
        );
        socket.write(bytes.subarray(0, 100_000), () => socket.destroy());
      });
      socket.on('close', () => resolve());
    });
    expect(await uploaded()).to.equal(0);
    let status = 416;
    while (status === 416) ({ status } = await tt.put(uploadUrl, part(FIRST), { range: FIRST }));
    expect(status).to.equal(206);
    await tt.put(uploadUrl, part(LAST), { range: LAST });
    expect(stage.simulator.control.posts()[0]?.sha256).to.equal(tt.sha256(bytes));
  });

  it('refuses a body without a length', async () => {
    const { port, pathname, search } = new URL(uploadUrl);
    const headers = { 'content-type': 'video/mp4', 'content-range': `bytes 0-5242879/${SIZE}` };
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = request({ port, path: pathname + search, method: 'PUT', headers }, (answer) =>
        resolve(answer.statusCode),
      );
      sent.on('error', reject);
      sent.write(part(FIRST));
      sent.end();
    });
    expect(status).to.equal(400);
  });
});
