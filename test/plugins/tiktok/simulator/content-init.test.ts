import { expect } from 'chai';
import { createServer, type Server } from 'node:http';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { makePicture } from '../../../support/pictures.ts';
import { until } from '../../../support/until.ts';
import * as tt from './support.ts';

describe('TikTok simulator, photos', () => {
  let stage: tt.Stage;
  let token: string;
  let shop: Server;
  let prefix: string;
  const shelf = new Map<string, { readonly status: number; readonly type: string; readonly body: Buffer }>();

  before(async () => {
    shop = createServer((request, response) => {
      const found = shelf.get(request.url ?? '');
      const location = found?.status === 302 ? { location: '/m/right.jpg' } : {};
      response.writeHead(found?.status ?? 404, { 'content-type': found?.type ?? 'text/plain', ...location });
      response.end(found?.body);
    });
    await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
    prefix = `http://localhost:${z.object({ port: z.number() }).parse(shop.address()).port}/m/`;
    const right = await readFile(await makePicture({ width: 600, height: 800 }));
    const large = await readFile(await makePicture({ width: 1400, height: 1400 }));
    const png = await readFile(await makePicture({ width: 300, height: 300, format: 'png' }));
    shelf.set('/m/right.jpg', { status: 200, type: 'image/jpeg', body: right });
    shelf.set('/m/large.jpg', { status: 200, type: 'image/jpeg', body: large });
    shelf.set('/m/png.png', { status: 200, type: 'image/png', body: png });
    shelf.set('/m/lies.jpg', { status: 200, type: 'image/jpeg', body: png });
    shelf.set('/m/moved.jpg', { status: 302, type: 'image/jpeg', body: right });
  });
  after(() => shop.close());

  beforeEach(async () => {
    stage = await tt.openStage();
    token = (await tt.connect(stage)).access_token;
  });
  afterEach(() => stage.close());

  const order = (post: object = {}, source: object = {}, whole: object = {}) => ({
    ...{ media_type: 'PHOTO', post_mode: 'DIRECT_POST' },
    post_info: { privacy_level: 'PUBLIC_TO_EVERYONE', disable_comment: true, ...post },
    source_info: {
      ...{ source: 'PULL_FROM_URL', photo_images: [`${prefix}right.jpg`], photo_cover_index: 0 },
      ...source,
    },
    ...whole,
  });
  const init = (body: object) => tt.postJson(`${stage.url}/v2/post/publish/content/init/`, body, token);
  const ended = async (file: string): Promise<string> => {
    const answer = await init(order({}, { photo_images: [`${prefix}${file}`] }));
    const id = z.string().parse(tt.data(answer)['publish_id']);
    const row = () => stage.simulator.control.publishes().find((one) => one.publish_id === id);
    await until(() => row()?.status !== 'PROCESSING_DOWNLOAD', 'the photos are fetched');
    return row()?.fail_reason ?? row()?.status ?? '';
  };

  it('fetches each photo over HTTP, posts them, and shows the post to everybody', async () => {
    const photos = [`${prefix}right.jpg`, `${prefix}right.jpg`];
    const post = { title: 'Bread', description: 'Out of the oven #rye', auto_add_music: true };
    const answer = await init(order(post, { photo_images: photos, photo_cover_index: 1 }));
    expect(answer.status).to.equal(200);
    const id = z.string().parse(tt.data(answer)['publish_id']);
    expect(id).to.match(/^p_pub_url~v2\.\d+$/u);
    expect(tt.data(answer)).to.not.have.property('upload_url');
    expect(stage.simulator.control.posts(), 'it is a post from here on').to.have.length(1);
    await until(() => stage.simulator.control.posts()[0]?.status === 'PUBLISH_COMPLETE', 'it is published');
    const status = await tt.status(stage, token, id);
    expect(status.text).to.match(/"status":"PUBLISH_COMPLETE","publicaly_available_post_id":\[\d{19}\]/u);
    const [row] = stage.simulator.control.posts();
    expect(row).to.include({ caption: 'Out of the oven #rye', disable_comment: true });
    expect(row?.photos).to.include({ title: 'Bread', count: 2, photo_cover_index: 1, auto_add_music: true });
    expect(row?.photos?.fetched.map(({ type, width }) => [type, width])).to.deep.equal([
      ['image/jpeg', 600],
      ['image/jpeg', 600],
    ]);
    expect((await tt.ask(`${stage.url}/`)).text).to.include('2 photos, cover 2');
  });

  it('fails what it cannot fetch or does not take, as TikTok names it', async () => {
    stage.simulator.control.setSwitches({ rate_limits: 'off' });
    expect(await ended('absent.jpg')).to.equal('photo_pull_failed');
    expect(await ended('moved.jpg'), 'redirects are not followed').to.equal('photo_pull_failed');
    expect(await ended('png.png')).to.equal('file_format_check_failed');
    expect(await ended('lies.jpg')).to.equal('file_format_check_failed');
    expect(await ended('large.jpg')).to.equal('picture_size_check_failed');
    expect(stage.simulator.control.posts()).to.deep.equal([]);
  });

  it('refuses what the documentation forbids', async () => {
    stage.simulator.control.setSwitches({ rate_limits: 'off' });
    const one = `${prefix}right.jpg`;
    const wrong: readonly (readonly [string, object])[] = [
      ['a title of 91', order({ title: 'x'.repeat(91) })],
      ['a description of 4,001', order({ description: 'x'.repeat(4001) })],
      ['no photo', order({}, { photo_images: [] })],
      ['36 photos', order({}, { photo_images: Array.from({ length: 36 }, () => one) })],
      ['a cover behind the last', order({}, { photo_cover_index: 1 })],
      ['no cover', order({}, { photo_cover_index: undefined })],
      ['an upload', order({}, { source: 'FILE_UPLOAD' })],
      ['a video', order({}, {}, { media_type: 'VIDEO' })],
      ['the mode as the table prints it', order({}, {}, { post_mode: 'DIRECT POST' })],
      ['branded and private', order({ privacy_level: 'SELF_ONLY', brand_content_toggle: true })],
    ];
    for (const [what, body] of wrong) expect(tt.code(await init(body)), what).to.equal('invalid_params');
    expect(tt.code(await init(order({ privacy_level: undefined })))).to.equal('privacy_level_option_mismatch');
    expect((await init(order({ title: 'x'.repeat(90), description: 'x'.repeat(4000) }))).status).to.equal(200);
  });

  it('R37: fetches only from what is verified for the app, letter for letter, over https or on this machine', async () => {
    const [app] = stage.simulator.control.apps();
    const properties = (...list: string[]) =>
      stage.simulator.control.putApp({ client_key: app?.client_key ?? '', url_properties: list });
    const ask = async (address: string) => tt.code(await init(order({}, { photo_images: [address] })));
    stage.simulator.control.setSwitches({ rate_limits: 'off', photo_fetch: 'none' });
    properties('https://panel.example.org/m/', 'static.example.com');
    expect(await ask('https://panel.example.org/m/a.jpg')).to.equal('ok');
    expect(await ask('https://video.static.example.com/a.jpg')).to.equal('ok');
    const unverified = ['https://panel.example.org/n/a.jpg', 'http://panel.example.org/m/a.jpg', `${prefix}right.jpg`];
    for (const address of [...unverified, 'https://example.com/a.jpg', 'https://evilstatic.example.com/a.jpg'])
      expect(await ask(address), address).to.equal('url_ownership_unverified');
  });

  it('counts six a minute and wants the scope', async () => {
    stage.simulator.control.setSwitches({ photo_fetch: 'none' });
    for (let count = 0; count < 6; count += 1) expect((await init(order())).status).to.equal(200);
    expect(tt.code(await init(order()))).to.equal('rate_limit_exceeded');
    token = (await tt.connect(stage, { scope: 'user.info.basic' })).access_token;
    expect(tt.code(await init(order()))).to.equal('scope_not_authorized');
  });
});
