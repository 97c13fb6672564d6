import { join } from 'node:path';
import { Accounts, type AccountInput } from './accounts.ts';
import { Agenda } from './agenda.ts';
import { Apps, type AppInput } from './apps.ts';
import { SimulatorClock, type Now } from './clock.ts';
import { Failures } from './failures.ts';
import { Grants } from './grants.ts';
import { Images } from './images.ts';
import { Ledger, newStats, type Stats } from './ledger.ts';
import { Publishes } from './publishes.ts';
import { RateLimits } from './rate-limits.ts';
import { SwitchBoard } from './switches.ts';
import { Videos } from './videos.ts';
import { Webhooks } from './webhooks.ts';

/** Everything this TikTok knows. */
export interface World {
  readonly clock: SimulatorClock;
  readonly agenda: Agenda;
  readonly switches: SwitchBoard;
  readonly failures: Failures;
  readonly apps: Apps;
  readonly accounts: Accounts;
  readonly grants: Grants;
  readonly limits: RateLimits;
  readonly videos: Videos;
  readonly images: Images;
  readonly publishes: Publishes;
  readonly webhooks: Webhooks;
  readonly ledger: Ledger;
  readonly stats: Stats;
  /** Own base address, without a slash at the end. */
  readonly url: () => string;
}

export interface WorldSettings {
  readonly now: Now;
  readonly dataDir: string;
  readonly apps: readonly AppInput[];
  readonly accounts: readonly AccountInput[];
  readonly url: () => string;
}

export function createWorld(settings: WorldSettings): World {
  const clock = new SimulatorClock(settings.now);
  const agenda = new Agenda(clock);
  const switches = new SwitchBoard();
  return {
    clock,
    agenda,
    switches,
    failures: new Failures(),
    apps: new Apps(settings.apps),
    accounts: new Accounts(settings.accounts),
    grants: new Grants({ clock, switches }),
    limits: new RateLimits(clock),
    videos: new Videos(clock.now()),
    images: new Images(clock),
    publishes: new Publishes(join(settings.dataDir, 'uploads')),
    webhooks: new Webhooks({ clock, agenda, switches }),
    ledger: new Ledger(),
    stats: newStats(),
    url: settings.url,
  };
}

/** Back to the first day: accounts, apps, switches and clock as at the start, everything else gone. */
export function resetWorld(world: World): void {
  world.agenda.clear();
  for (const part of [
    world.grants,
    world.limits,
    world.videos,
    world.publishes,
    world.webhooks,
    world.ledger,
    world.failures,
  ])
    part.clear();
  for (const part of [world.switches, world.apps, world.accounts, world.clock]) part.reset();
  Object.assign(world.stats, newStats());
}
