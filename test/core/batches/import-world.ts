import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Draft } from '#plugin-api';
import { optionColumns } from '../../../plugins/tiktok/columns.ts';
import { optionFields, parseOptionFields, readOptions } from '../../../plugins/tiktok/post-options.ts';
import { createChannel, createVideo, type PostsWorldOptions } from '../posts/posts-world.ts';
import { openBatchesWorld, type BatchesWorld } from './batches-world.ts';

export interface ImportWorld extends BatchesWorld {
  /** Sends a table as the page's form does. */
  send(csv: string): ReturnType<BatchesWorld['browser']['get']>;
  /** The report on a table that can be read. */
  read(csv: string): Promise<{ readonly text: string; readonly address: string }>;
  countPosts(): Promise<number>;
}

/** A team with files and channels, and a network with TikTok's columns that takes no video longer than a minute. */
export async function openImportWorld(options: Omit<PostsWorldOptions, 'moreRoutes'> = {}): Promise<ImportWorld> {
  const incoming = await mkdtemp(path.join(tmpdir(), 'castdeck-import-'));
  const world = await openBatchesWorld({ ...options, incoming });
  const { db, team, t, network } = world;
  const { composer, publisher } = network.active.parts;
  Object.assign(composer, {
    columns: optionColumns(t),
    parse: (fields: Readonly<Record<string, string>>) => parseOptionFields(fields, t),
    fields: (options: Parameters<typeof readOptions>[0]) => {
      const read = readOptions(options);
      return read === undefined ? {} : optionFields(read);
    },
    describe: (options: Parameters<typeof readOptions>[0]) => {
      const privacy = readOptions(options)?.privacy ?? null;
      return privacy === null ? [] : [{ label: 'Privacy', value: t(`tiktok:privacy.${privacy}`) }];
    },
  });
  const tooLongProblem = { field: 'media', message: 'Longer than a minute.', code: 'duration_check_failed' };
  const tooLong = ({ media: [file] }: Draft) => (file?.durationMs ?? 0) > 60_000;
  Object.assign(publisher, {
    checker: () => Promise.resolve((draft: Draft) => (tooLong(draft) ? [tooLongProblem] : [])),
  });
  const channel = await createChannel(db, { team, nickname: 'Hazel & Rye' });
  const paused = await createChannel(db, { team, nickname: 'Paused', isPaused: true });
  await db.knex('channels').where({ id: channel.id }).update({ username: 'hazelandrye' });
  await db.knex('channels').where({ id: paused.id }).update({ username: 'paused' });
  for (const fileName of ['bun.mp4', 'twice.mp4', 'twice.mp4', 'long.mp4', 'picture.jpg'])
    await createVideo(db, { team, fileName });
  await db.knex('media').where({ file_name: 'long.mp4' }).update({ duration_ms: 90_000 });
  await db.knex('media').where({ file_name: 'picture.jpg' }).update({ kind: 'picture', duration_ms: null });
  const send = (csv: string) =>
    world.browser
      .send('post', `${world.tables}/import`)
      .set('Origin', world.publicUrl)
      .field('_csrf', world.browser.csrfToken)
      .attach('file', Buffer.from(csv), 'december.csv');
  return {
    ...world,
    send,
    async read(csv) {
      const answer = await send(csv);
      const address = String(answer.headers['location']);
      return { address, text: (await world.browser.get(address)).text };
    },
    countPosts: async () => (await db.knex('posts').select('id')).length,
    close: async () => {
      await world.close();
      await rm(incoming, { recursive: true });
    },
  };
}
