import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Clock } from '#plugin-api';
import { readConfig } from '../../core/config.ts';
import type { DatabaseTarget } from '../../core/db/database.ts';
import { createPino } from '../../core/log/logger.ts';
import { createPanel, type Panel } from '../../core/panel.ts';
import { discoverPlugins, ownPlugins } from '../../core/plugin-host/discover.ts';
import { freePort } from '../../test/support/free-port.ts';
import { addMember, createTeam } from '../../test/support/factories.ts';
import { signIn } from './visitor.ts';

const admin = { name: 'Ines Holm', email: 'ines.holm@northlight.example', password: 'lantern-harbour-42' };
const day = 86_400_000;
/** Of the team. */
export const benchZone = 'Europe/Copenhagen';

/** An installation with one team of a few profiles, of which its admin is a manager. */
export interface BenchPanel {
  readonly panel: Panel;
  readonly teamId: number;
  readonly channelIds: readonly number[];
  /** For another process of the same installation, at a port of its own. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** The same, answering at its port, and somebody who is signed in there. */
export interface BenchWeb extends BenchPanel {
  readonly url: string;
  readonly cookie: string;
  /** @throws unless it is answered with 200 */
  get(address: string): Promise<string>;
}

interface Order {
  /** A database server's; a file of its own otherwise. */
  readonly target?: DatabaseTarget;
  readonly channels: number;
  /** Where TikTok is; nowhere unless said. */
  readonly apiUrl?: string;
  readonly clock?: Clock;
}

export async function openPanel({
  target,
  channels,
  apiUrl = 'http://127.0.0.1:9',
  clock,
}: Order): Promise<BenchPanel> {
  const folder = await mkdtemp(path.join(tmpdir(), 'castdeck-bench-'));
  const plugins = await discoverPlugins([ownPlugins]);
  const port = await freePort();
  const environment = {
    ...{ DATA_DIR: folder, PUBLIC_URL: `http://localhost:${port}` },
    ...{ ADMIN_EMAIL: admin.email, ADMIN_PASSWORD: admin.password, TIKTOK_API_URL: apiUrl },
    ...(target?.kind === 'mysql' ? { DATABASE_URL: addressOf(target) } : {}),
  };
  const config = readConfig({ ...environment, PORT: String(port) }, plugins);
  const log = createPino({ level: 'silent' });
  const panel = await createPanel(config, { plugins, log, migrates: true, ...(clock === undefined ? {} : { clock }) });
  return {
    ...{ panel, environment },
    ...(await makeTeam(panel, channels)),
    close: async () => {
      await panel.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export async function openWeb(order: Order): Promise<BenchWeb> {
  const opened = await openPanel(order);
  const { url } = await opened.panel.listen();
  const { cookie } = await signIn(url, '/account', admin);
  const get = async (address: string): Promise<string> => {
    const answer = await fetch(url + address, { headers: { cookie } });
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`${address} was answered with ${answer.status}.`);
    return text;
  };
  return { ...opened, url, cookie, get };
}

function addressOf({ user, password, host, port, database }: Extract<DatabaseTarget, { kind: 'mysql' }>): string {
  return `mysql://${user}:${password}@${host}:${port}/${database}`;
}

async function makeTeam({ base, services }: Panel, channels: number) {
  const person = await services.people.findByEmail(admin.email);
  if (person === undefined) throw new Error('There is no first admin.');
  const team = await createTeam(base.db, { name: 'Hazel & Rye', zone: benchZone });
  await addMember(base.db, { team, person, role: 'manager' });
  const now = base.clock.now();
  const tokens = { accessToken: 'a', refreshToken: 'r', accessExpiresAt: now + day, refreshExpiresAt: now + 365 * day };
  const scopes = ['user.info.basic', 'user.info.profile', 'user.info.stats', 'video.list', 'video.publish'];
  const channelIds: number[] = [];
  for (let n = 1; n <= channels; n += 1) {
    const account = { accountId: `account-${n}`, nickname: `Hazel & Rye ${n}`, tokens: { ...tokens, scopes } };
    const credentialId = await services.credentials.save({ plugin: 'tiktok', appKey: 'app', mode: 'live', account });
    const [id = 0] = await base.db.knex('channels').insert({
      ...{ team_id: team.id, credential_id: credentialId, plugin: 'tiktok', account_id: account.accountId },
      ...{ nickname: account.nickname, username: `hazelandrye${n}`, is_paused: false, connected_at: now },
    });
    channelIds.push(id);
  }
  return { teamId: team.id, channelIds };
}
