import { openAsBlob } from 'node:fs';
import path from 'node:path';
import type { DemoWorld } from './demo-world.ts';
import { HttpPerson } from './http-person.ts';

/** What somebody who opens the demo finds done: the admin has entered the app, and a video lies in Files. */
export async function prepareDemo(world: DemoWorld, video: string): Promise<void> {
  const settings = '/admin/api-integration/tiktok';
  const { appId, appSecret } = world.app;
  const admin = await signedIn(world, world.admin);
  const typed = { mode: 'live', 'live.appId': appId, 'live.appSecret': appSecret, enabled: '1' };
  const saved = await admin.submit(await admin.get(settings), settings, typed);
  if (saved.status !== 200) throw new Error(`The demo's app could not be entered (HTTP ${saved.status}).`);
  const member = await signedIn(world, world.member);
  const [team] = await world.panel.services.teams.list();
  const files = `/team/${team?.id ?? 0}/files`;
  await member.get(files);
  const taken = await member.upload(files, { content: await openAsBlob(video), name: path.basename(video) });
  if (taken.status !== 201) throw new Error(`The demo's video could not be uploaded (HTTP ${taken.status}).`);
}

async function signedIn(world: DemoWorld, who: { email: string; password: string }): Promise<HttpPerson> {
  const person = new HttpPerson(world.url);
  await person.submit(await person.get('/sign-in'), '/sign-in', { email: who.email, password: who.password });
  return person;
}
