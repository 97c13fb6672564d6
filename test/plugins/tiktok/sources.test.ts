import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { projectRoot } from '../../../core/project-root.ts';
import { openPhotoStage } from './photo-stage.ts';
import { openStage } from './publishing.ts';

/** Files below a folder that say it, without the simulator. */
async function whoSays(folder: string, said: RegExp): Promise<readonly string[]> {
  const entries = await readdir(path.join(projectRoot, folder), { recursive: true, withFileTypes: true });
  const sources = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => path.relative(projectRoot, path.join(entry.parentPath, entry.name)))
    .filter((file) => !file.includes('simulator'));
  const texts = await Promise.all(sources.map((file) => readFile(path.join(projectRoot, file), 'utf8')));
  return sources.filter((_file, at) => said.test(texts[at] ?? ''));
}

describe('R36: how content comes to TikTok', function () {
  this.timeout(120_000);

  it('is by upload for a member’s video, at the one address that TikTok gave for it', async () => {
    const stage = await openStage(1_200_345);
    try {
      await stage.finish();
      const { control } = stage.simulator;
      const rows = control.publishes().map(({ source, bytes, photos }) => ({ source, bytes, photos }));
      expect(rows).to.deep.equal([{ source: 'FILE_UPLOAD', bytes: 1_200_345, photos: null }]);
      const begun = control.requests().filter(({ endpoint }) => endpoint.endsWith('/init'));
      expect(begun.map(({ endpoint, code }) => [endpoint, code])).to.deep.equal([['video/init', 'ok']]);
    } finally {
      await stage.close();
    }
  });

  it('is by fetching for photos alone, which have no other way', async () => {
    const photos = await openPhotoStage([{ width: 700, height: 700 }]);
    const { stage } = photos;
    try {
      await stage.step();
      await stage.step();
      const begun = stage.simulator.control.requests().filter(({ endpoint }) => endpoint.endsWith('/init'));
      expect(begun.map(({ endpoint }) => endpoint)).to.deep.equal(['content/init']);
      expect(stage.simulator.control.publishes().map(({ source }) => source)).to.deep.equal(['PULL_FROM_URL']);
    } finally {
      await photos.close();
    }
  });

  it('is written down in one place: nothing else of the product names TikTok an address to fetch a video from', async () => {
    const client = 'plugins/tiktok/api/client.ts';
    expect(await whoSays('plugins', /PULL_FROM_URL|video_url/u)).to.deep.equal([client]);
    expect(await whoSays('core', /PULL_FROM_URL|video_url/u)).to.deep.equal([]);
    const text = await readFile(path.join(projectRoot, client), 'utf8');
    expect(text).to.not.include('video_url');
    const [before = '', ...after] = text.split('PULL_FROM_URL');
    expect([after.length, before.slice(before.lastIndexOf('async ')).startsWith('async contentInit(')]).to.deep.equal([
      1,
      true,
    ]);
  });
});
