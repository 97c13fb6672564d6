import type { Connector } from '#plugin-api';
import { systemClock } from '../../core/clock.ts';
import type { CredentialService } from '../../core/credentials/credential-service.ts';
import { createCredentialService } from '../../core/credentials/stored-credentials.ts';
import type { Database } from '../../core/db/database.ts';
import { readKeys } from '../../core/keys/key-ring.ts';
import { createVault } from '../../core/keys/vault.ts';
import { createJobQueue } from '../../core/queue/job-queue.ts';
import { standardTimings, type Timings } from '../../core/timings.ts';
import { TikTokClient } from '../../plugins/tiktok/api/client.ts';
import { TikTokConnector } from '../../plugins/tiktok/connector.ts';
import { demoApps } from '../../plugins/tiktok/simulator/demo-data.ts';
import { credentialSet, errors, pluginHost, pluginSettings } from '../plugins/tiktok/support.ts';
import { recordingLog, type RecordingLog } from './log.ts';

/** The rooms that hold tokens, with TikTok's real connector: as any process of an installation has them. */
export interface TokenRooms {
  readonly credentials: CredentialService;
  readonly connector: Connector;
  readonly log: RecordingLog;
}

const { client_key, client_secret: secret } = demoApps.live;
export const appKey: string = client_key;

/** The product's leases, however slow the machine is; looks that find out sooner, and a lost answer waited for less. */
const stormTimings: Timings = {
  ...standardTimings,
  refreshPollMs: 20,
  lostAnswerMs: [200, 400],
  storeAgainMs: 20,
};

/** @param url where TikTok is */
export function openTokenRooms(db: Database, url: string): TokenRooms {
  const set = credentialSet({ appKey, secret });
  const host = pluginHost({ url, set, clock: systemClock });
  const connector = new TikTokConnector(host, new TikTokClient(host.http, url), errors);
  const active = { parts: { connector }, settings: pluginSettings(set, url) };
  const keys = readKeys(`test:${Buffer.alloc(32, 7).toString('base64')}`);
  if ('problem' in keys) throw new Error(keys.problem);
  const log = recordingLog();
  const credentials = createCredentialService({
    ...{ db, clock: systemClock, timings: stormTimings, vault: createVault(() => keys.ring), log: log.log },
    registry: { get: () => active, find: () => active },
    queue: createJobQueue({ db, clock: systemClock }),
    t: (key) => key,
  });
  return { credentials, connector, log };
}
