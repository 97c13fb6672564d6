import { expect } from 'chai';
import { z } from 'zod';
import type { PluginAnswer } from '#plugin-api';
import { exportRoutes } from '../../../../plugins/tiktok/insights/video-export.ts';
import { InsightStage } from './insight-stage.ts';

const exported = z.object({ videos: z.array(z.object({ id: z.string(), link: z.string(), post: z.unknown() })) });

describe('An export of videos', () => {
  let stage: InsightStage;
  before(async () => {
    stage = await InsightStage.open();
    stage.stage.simulator.control.putAccount({ username: 'hazelandrye', videos: 450 });
    await stage.connect();
    await stage.sync();
  });
  after(() => stage.close());

  async function download(path: string, query: Readonly<Record<string, string>> = {}) {
    const route = exportRoutes(stage.parts).find((one) => one.path === path);
    const answer: PluginAnswer = (await route?.handle({ channel: stage.channel, params: {}, query, body: {} })) ?? {
      kind: 'absent',
    };
    if (answer.kind !== 'download') throw new Error(`An export is a download, not ${answer.kind}.`);
    return answer;
  }

  async function textOf(path: string, query?: Readonly<Record<string, string>>): Promise<string> {
    let text = '';
    for await (const part of (await download(path, query)).body) text += part;
    return text;
  }

  it('has every id of the simulator, digit for digit, in CSV, in JSON and in the links', async () => {
    const ids = await stage.listed();
    expect(ids).to.have.length(450);
    const [, ...lines] = (await textOf('videos.csv')).trim().split('\r\n');
    expect(lines.map((line) => /^"'(\d+)"/.exec(line)?.[1])).to.deep.equal(ids);
    expect(lines.map((line) => /@hazelandrye\/(?:video|photo)\/(\d+)"/.exec(line)?.[1])).to.deep.equal(ids);
    const { videos } = exported.parse(JSON.parse(await textOf('videos.json')));
    expect(videos.map(({ id }) => id)).to.deep.equal(ids);
    expect(videos.map(({ link }) => link.split('/').at(-1))).to.deep.equal(ids);
  });

  it('says of what came from here whose post it is', async () => {
    const [id = ''] = await stage.listed();
    stage.ours = new Map([[id, { postId: 7, authorName: '=Tobias' }]]);
    const [, line = ''] = (await textOf('videos.csv')).split('\r\n');
    expect(line).to.include('"\'=Tobias","7",""');
    const { videos } = exported.parse(JSON.parse(await textOf('videos.json')));
    expect(videos[0]?.post).to.deep.equal({ id: '7', author: '=Tobias' });
  });

  it('is the selection in its order, from the beginning, whichever page it was asked from', async () => {
    const text = await textOf('videos.csv', { sort: 'views', order: 'asc', after: '5.1', period: '90' });
    const views = text
      .trim()
      .split('\r\n')
      .slice(1)
      .map((line) => Number(line.split('","')[4]));
    expect(views.length).to.be.greaterThan(1);
    expect(views).to.deep.equal([...views].sort((one, other) => one - other));
  });

  it('has each video once, also those whose number changes while the file is made', async () => {
    const byViews = await stage.db.knex('tiktok_videos').orderBy('views', 'desc').orderBy('video_id', 'desc');
    const [first, last] = [byViews[0], byViews.at(-1)].map((row) => z.object({ video_id: z.string() }).parse(row));
    const { body } = await download('videos.csv', { sort: 'views' });
    const ids: string[] = [];
    for await (const part of body) {
      if (ids.length === 0 && part.startsWith(`"'${first?.video_id}`)) {
        await stage.db.knex('tiktok_videos').where({ video_id: first?.video_id }).update({ views: 0 });
        await stage.db.knex('tiktok_videos').where({ video_id: last?.video_id }).update({ views: 2_000_000_000 });
      }
      ids.push(...[...part.matchAll(/^"'(\d+)"/gmu)].map(([, id = '']) => id));
    }
    expect(ids).to.have.length(450);
    expect(new Set(ids).size).to.equal(450);
    expect([ids[0], ids.at(-1)]).to.deep.equal([first?.video_id, last?.video_id]);
  });

  it('is named by its channel and the day in the team’s zone, and comes in parts', async () => {
    const { name, body } = await download('videos.csv');
    expect(name).to.match(/^hazelandrye-videos-2026-\d\d-\d\d\.csv$/);
    const parts: number[] = [];
    for await (const part of body) parts.push(part.split('\r\n').length - 1);
    expect(parts).to.deep.equal([1, 200, 200, 50]);
  });

  it('is absent while the permission for the list is missing', async () => {
    const { channel } = stage;
    stage.channel = { ...channel, scopes: ['user.info.basic'] };
    for (const route of exportRoutes(stage.parts)) {
      expect(await route.handle({ channel: stage.channel, params: {}, query: {}, body: {} }), route.path).to.deep.equal(
        {
          kind: 'absent',
        },
      );
    }
    stage.channel = channel;
  });
});
