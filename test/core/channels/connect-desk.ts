import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import type { Channel } from '../../../core/channels/channel.ts';
import type { TeamOfMember } from '../../../core/web/route.ts';
import type { TestBrowser } from '../../support/app.ts';
import { createMember, createPerson, createTeam } from '../../support/factories.ts';
import { type ChannelsWorld, createChannelsWorld, type WorldOptions } from './channels-world.ts';

type Answer = Awaited<ReturnType<TestBrowser['get']>>;

/** An installation that is set up, a team, and an editor of it in front of a browser. */
export interface Desk {
  readonly world: ChannelsWorld;
  readonly dataDir: string;
  readonly team: Omit<TeamOfMember, 'role'>;
  readonly maja: { readonly id: number; readonly name: string };
  readonly browser: TestBrowser;
  /** Presses Profile. @returns where the browser is sent */
  begin(fields?: Record<string, string>): Promise<URL>;
  beginState(fields?: Record<string, string>): Promise<string>;
  comeBack(query: Readonly<Record<string, string>> | string, who?: TestBrowser): Promise<Answer>;
  connect(code?: string, fields?: Record<string, string>): Promise<Answer>;
  onlyChannel(): Promise<Channel>;
  close(): Promise<void>;
}

export async function createDesk(parts: WorldOptions['parts'] = {}): Promise<Desk> {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'castdeck-channels-'));
  const world = await createChannelsWorld({ dataDir, parts });
  await createPerson(world.db, { name: 'Ines', isAdmin: true });
  await world.saveSettings();
  const team = await createTeam(world.db);
  const maja = await createMember(world.db, { team, role: 'editor', name: 'Maja' });
  const browser = await world.signIn(maja);
  world.network.accounts.set('code-1', { accountId: 'acc-1', nickname: 'Rye Club', username: 'ryeclub' });
  world.network.accounts.set('code-2', { accountId: 'acc-2', nickname: 'Catering', username: 'catering' });

  const begin: Desk['begin'] = async (fields = {}) => {
    const answer = await browser.post(`/team/${team.id}/channels/connect/example`, fields);
    expect(answer.status).to.equal(303);
    return new URL(answer.headers['location'] ?? '');
  };
  const beginState: Desk['beginState'] = async (fields) => (await begin(fields)).searchParams.get('state') ?? '';
  const comeBack: Desk['comeBack'] = async (query, who = browser) => {
    const search = typeof query === 'string' ? query : new URLSearchParams(query).toString();
    return who.get(`/app/example/profile?${search}`);
  };
  return {
    ...{ world, dataDir, team, maja, browser, begin, beginState, comeBack },
    connect: async (code = 'code-1', fields = {}) => comeBack({ code, state: await beginState(fields) }),
    onlyChannel: async () => {
      const channels = await world.channels.list(team.id);
      expect(channels).to.have.length(1);
      const [channel] = channels;
      if (channel === undefined) throw new Error('There is no channel.');
      return channel;
    },
    close: async () => {
      await world.close();
      await rm(dataDir, { recursive: true });
    },
  };
}
