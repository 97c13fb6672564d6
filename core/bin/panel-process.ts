import inspector from 'node:inspector';
import { inspect } from 'node:util';
import { type Config, loadEnvironment, readConfig } from '../config.ts';
import { StartError } from '../errors.ts';
import { inEnglish } from '../language/deferred-text.ts';
import { createPino, type PanelLog, panelLog } from '../log/logger.ts';
import { inSources } from '../log/source-places.ts';
import { createPanel, type Panel, type PanelOptions } from '../panel.ts';
import { discoverPlugins, ownPlugins } from '../plugin-host/discover.ts';
import type { FoundPlugin } from '../plugin-host/found-plugin.ts';
import { startWatchdog } from '../queue/watchdog.ts';
import { standardTimings } from '../timings.ts';

interface Duties {
  /** Named on every log line. */
  readonly name: string;
  readonly web?: true;
  readonly worker?: true;
  readonly readsAnew?: true;
}

/** What the environment and the plugins on disk say. @throws StartError */
export async function readInstallation(): Promise<{ config: Config; plugins: readonly FoundPlugin[] }> {
  const plugins = await discoverPlugins([ownPlugins]);
  const config = readConfig(loadEnvironment(), plugins);
  return { config, plugins };
}

/** One process of the panel, until it is told to stop. */
export async function runPanel(duties: Duties): Promise<void> {
  await startOrExplain(async () => {
    const { config, plugins } = await readInstallation();
    const pino = createPino({ level: config.logLevel, facts: { process: duties.name } });
    const log = panelLog(pino);
    const panel = await createPanel(config, { plugins, log: pino, readsAnew: duties.readsAnew === true });
    stopWhenTold(panel, log);
    await takeUp(panel, duties).catch(async (error: unknown) => {
      await panel.close();
      throw error;
    });
    log.info({ node: process.version, pid: process.pid }, `${duties.name} is up`);
  });
}

type Installation = Awaited<ReturnType<typeof readInstallation>>;

/**
 * A panel for one command, closed afterwards.
 * @param instead what is done where no panel can be made; without it the reason is told
 */
export async function withPanel(
  options: Pick<PanelOptions, 'migrates'>,
  work: (panel: Panel) => Promise<void>,
  instead?: (installation: Installation, error: StartError) => Promise<void>,
): Promise<void> {
  await startOrExplain(async () => {
    const installation = await readInstallation();
    const { config, plugins } = installation;
    let panel: Panel;
    try {
      // Its lines would stand between the command's own.
      panel = await createPanel(config, { ...options, plugins, log: createPino({ level: 'silent' }) });
    } catch (error) {
      if (instead === undefined || !(error instanceof StartError)) throw error;
      await instead(installation, error);
      endSoon();
      return;
    }
    try {
      await work(panel);
    } finally {
      await panel.close();
    }
  });
}

/** What an operator can put right is told in its own words; anything else is a mistake of ours and keeps its places. */
export async function startOrExplain(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    console.error(inEnglish(error instanceof StartError ? error.message : inSources(inspect(error))));
    process.exitCode = 1;
    endSoon();
  }
}

/** A timer or connection that a failed start left behind must not keep the process. */
function endSoon(): void {
  setTimeout(() => process.exit(), 2_000).unref();
}

async function takeUp(panel: Panel, duties: Duties): Promise<void> {
  if (duties.worker) {
    await panel.startWorker();
    // Under a debugger standing still is what is wanted.
    if (inspector.url() === undefined) startWatchdog(standardTimings);
  }
  if (!duties.web) return;
  const { url } = await panel.listen();
  process.stdout.write(`listening ${url}\n`);
}

/** SIGTERM and SIGINT end what runs and then the process; an unforeseen error does the same and says so. */
function stopWhenTold(panel: Panel, log: PanelLog): void {
  let isStopping = false;
  const stop = async (exitCode: number): Promise<void> => {
    if (isStopping) process.exit(1);
    isStopping = true;
    try {
      await panel.close();
    } catch (error) {
      log.error({ error }, 'the stop was not clean');
      exitCode = 1;
    }
    process.exit(exitCode);
  };
  const told = (signal: NodeJS.Signals): void => {
    log.info({ signal }, 'stopping');
    void stop(0);
  };
  const broken = (error: unknown): void => {
    log.error({ error }, 'an unforeseen error: this process stops, so that a fresh one takes over');
    void stop(1);
  };
  process.on('SIGTERM', told).on('SIGINT', told);
  process.on('uncaughtException', broken).on('unhandledRejection', broken);
}
