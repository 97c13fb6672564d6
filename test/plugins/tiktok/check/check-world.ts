import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { plugin } from '../../../../plugins/tiktok/index.ts';
import { demoApps, type Simulator, startSimulator } from '../../../../plugins/tiktok/simulator/index.ts';
import { type ChannelsWorld, createChannelsWorld } from '../../../core/channels/channels-world.ts';
import type { TestBrowser } from '../../../support/app.ts';
import { createMember, createPerson, createTeam } from '../../../support/factories.ts';
import { decide } from '../login.ts';

export const everyScope = ['user.info.basic', 'user.info.profile', 'user.info.stats', 'video.list', 'video.publish'];

/** A team with one profile, connected over real HTTP to a TikTok that can be told what to refuse. */
export interface CheckWorld {
  readonly simulator: Simulator;
  readonly web: ChannelsWorld;
  readonly team: { readonly id: number };
  readonly manager: TestBrowser;
  readonly admin: TestBrowser;
  /** @returns the channel's path */
  connect(scopes?: readonly string[]): Promise<string>;
  save(changes?: Readonly<Record<string, string | readonly string[]>>): Promise<void>;
  close(): Promise<void>;
}

export async function openCheckWorld(): Promise<CheckWorld> {
  // Both live by the clock of the test.
  const time: { now: () => number } = { now: () => 0 };
  const simulator = await startSimulator({ now: () => time.now() });
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'castdeck-check-'));
  const web = await createChannelsWorld({ dataDir, real: { plugin, url: simulator.url } });
  time.now = () => web.clock.now();
  const team = await createTeam(web.db);
  const manager = await web.signIn(await createMember(web.db, { team, role: 'manager', name: 'Maja' }));
  const admin = await web.signIn(await createPerson(web.db, { isAdmin: true, name: 'Ines' }));
  const save: CheckWorld['save'] = async (changes = {}) => {
    const set = (id: 'live' | 'sandbox') => ({
      [`${id}.appId`]: demoApps[id].client_key,
      [`${id}.appSecret`]: demoApps[id].client_secret,
      [`${id}.scopes`]: everyScope,
    });
    const typed = { mode: 'live', enabled: '1', ...set('live'), ...set('sandbox'), ...changes };
    const answer = await admin.post('/admin/api-integration/tiktok', typed);
    if (answer.status !== 303) throw new Error(`The settings were not saved: ${answer.status}.`);
  };
  await save();
  return {
    ...{ simulator, web, team, manager, admin, save },
    async connect(scopes) {
      const start = await manager.post(`/team/${team.id}/channels/connect/tiktok`);
      const consent = new URL(start.headers['location'] ?? '');
      if (scopes !== undefined) consent.searchParams.set('scopes_shown', '1');
      for (const scope of scopes ?? []) consent.searchParams.append('scopes', scope);
      const back = await decide(consent, { account: 'hazelandrye' });
      const list = await manager.get(`${back.pathname}${back.search}`);
      const id = new URL(list.headers['location'] ?? '', 'http://here.invalid').searchParams.get('connected');
      if (id === null) throw new Error('The profile was not connected.');
      return `/team/${team.id}/channels/${id}`;
    },
    async close() {
      await web.close();
      await simulator.close();
      await rm(dataDir, { recursive: true });
    },
  };
}
