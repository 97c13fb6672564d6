import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileOf, upload, type VideoFile } from '../../bench/b6-outgoing.ts';
import { type Sink, startSink } from '../../bench/lib/sink.ts';

describe('Uploading a file of 64 MiB in parts of 10 MB', function () {
  this.timeout(30_000);
  let folder: string;
  let file: VideoFile;
  let sink: Sink;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'castdeck-upload-'));
    file = await fileOf(folder, 64);
    sink = await startSink();
  });
  after(async () => {
    await sink.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('B6: makes one request for each part and keeps a few reads of it in memory', async () => {
    const { requests, growthMiB } = await upload({ mode: 'ours', file, atOnce: 1, sink });
    expect(requests).to.equal(6);
    expect(growthMiB).to.be.below(64);
  });

  it('B6: keeps as little of eight at once', async () => {
    const { requests, growthMiB } = await upload({ mode: 'ours', file, atOnce: 8, sink });
    expect(requests).to.equal(48);
    expect(growthMiB).to.be.below(96);
  });
});
