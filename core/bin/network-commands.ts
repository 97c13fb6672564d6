import { Command } from 'commander';
import type { Foundation } from '../panel/foundation.ts';
import type { Services } from '../panel/services.ts';
import { reportLines } from '../channel-check/check-report.ts';
import type { Channel } from '../channels/channel-service.ts';
import { StartError } from '../errors.ts';
import { timeWords } from '../web/times.ts';

interface Terminal {
  /** One line. */
  readonly say: (line: string) => void;
  /** Something is not in order: the exit code tells it, too. */
  readonly fail: () => void;
}

export interface CommandParts {
  readonly base: Pick<Foundation, 'siteLanguage' | 'texts'> & { readonly config: { readonly publicUrl: string } };
  readonly services: Pick<Services, 'registry' | 'channels' | 'channelStore' | 'channelCheck' | 'connectLinks'> & {
    readonly teams: Pick<Services['teams'], 'list'>;
  };
  readonly terminal: Terminal;
}

/**
 * What a network can be asked at the command line: `npm run network -- <id> check @name`.
 * @throws StartError in words for whoever typed it, InputError
 */
export async function runNetworkCommand(parts: CommandParts, [id = '', ...rest]: readonly string[]): Promise<void> {
  const { registry } = parts.services;
  if (registry.find(id) === undefined) {
    const ids = registry.all().map(({ plugin }) => plugin.id);
    throw new StartError(`Name a network: npm run network -- ${ids.join('|')} check @name`);
  }
  const program = new Command(`npm run ${id} --`).description(`Asks ${registry.get(id).plugin.name}.`);
  program
    .command('check')
    .description('says whether a channel’s connection does what it should')
    .argument('<name>', '@username, nickname or number of the channel')
    .option('--team <number>', 'only in this team')
    .option('--renew', 'renews the access first; the old one works no more')
    .action((name: string, options: CheckOptions) => check(parts, { id, name, options }));
  program
    .command('connect')
    .description('prints a link for connecting a profile from another machine')
    .option('--team <team>', 'its name or number; needed where there are several')
    .option('--email <email>', 'who signs in there; needed where several people can connect')
    .action((options: ConnectOptions) => connect(parts, id, options));
  await program.parseAsync(rest, { from: 'user' });
}

interface CheckOptions {
  readonly team?: string;
  readonly renew?: true;
}

interface ConnectOptions {
  readonly team?: string;
  readonly email?: string;
}

async function check(
  { base, services, terminal }: CommandParts,
  { id, name, options }: { readonly id: string; readonly name: string; readonly options: CheckOptions },
): Promise<void> {
  const speech = base.texts.speech(base.siteLanguage());
  const found = await channelsNamed(services, { id, name, team: options.team });
  if (found.length === 0) throw new StartError(speech.t('channel-check:terminal.none', { name }));
  const teams = new Map((await services.teams.list()).map((team) => [team.id, team.name]));
  for (const channel of found) {
    const problem = options.renew === true ? await services.channelCheck.renew(channel, null) : undefined;
    if (problem !== undefined) {
      terminal.say(speech.say(`${speech.t('channel-check:renewal.failed')} ${problem.sentence} (${problem.code})`));
    }
    const report = await services.channelCheck.look(channel);
    if (report.conclusion.state === 'failed' || problem !== undefined) terminal.fail();
    const head = `${channel.nickname} @${channel.username ?? ''} · ${teams.get(channel.teamId) ?? ''}`;
    const time = timeWords({ zone: channel.zone, locale: speech.locale, now: report.at, t: speech.t });
    const lines = reportLines(report, speech.t, (at) => time.long(at));
    for (const line of [head, ...lines]) terminal.say(speech.say(line));
  }
}

/** A name may stand in several teams, and for several apps. */
async function channelsNamed(
  { channels, channelStore }: CommandParts['services'],
  { id, name, team }: { readonly id: string; readonly name: string; readonly team: string | undefined },
): Promise<readonly Channel[]> {
  const wanted = name.replace(/^@/, '').toLowerCase();
  const isNamed = ({ id: number, nickname, username }: Channel): boolean =>
    [String(number), username ?? '', nickname].some((one) => one.toLowerCase() === wanted);
  const all = (await channelStore.ofPlugin(id)).filter(
    (channel) => isNamed(channel) && (team === undefined || String(channel.teamId) === team),
  );
  return Promise.all(all.map((channel) => channels.find(channel.teamId, channel.id)));
}

async function connect({ base, services, terminal }: CommandParts, id: string, options: ConnectOptions): Promise<void> {
  const speech = base.texts.speech(base.siteLanguage());
  const { path, team, person, expiresAt } = await services.connectLinks.make({ plugin: id, ...options });
  const network = services.registry.get(id).plugin.name;
  const at = new Date(expiresAt).toISOString().slice(0, 16).replace('T', ' ');
  const values = { ...person, network, team: team.name, at: `${at} UTC` };
  terminal.say(speech.t('connect-link:made.title', values));
  terminal.say(`${base.config.publicUrl}${path}`);
  terminal.say(speech.t('connect-link:made.note', values));
}
