import { Command } from 'commander';
import { createAdmin } from '../auth/first-admin.ts';
import { rewrap, type Rewrapped } from '../keys/rewrap.ts';
import { InputError, StartError } from '../errors.ts';
import type { Panel } from '../panel.ts';
import { withPanel } from './panel-process.ts';

interface NewAdmin {
  readonly email: string;
  readonly name: string;
  readonly password: string;
}

const program = new Command('npm run admin --').description('Sets up people and teams from the command line.');

program
  .command('create')
  .description('makes an admin of the installation')
  .requiredOption('--email <email>', 'where they sign in')
  .requiredOption('--name <name>', 'what others see')
  .requiredOption('--password <password>', '8 to 128 characters')
  .action((admin: NewAdmin) =>
    run(async ({ base, services }) => {
      const id = await createAdmin({ ...base, ...services }, admin);
      return `admin ${id} created: ${admin.email}`;
    }),
  );

program
  .command('team-create')
  .description('makes a team')
  .requiredOption('--name <name>', 'its name')
  .requiredOption('--zone <zone>', 'its time zone, e.g. Europe/Berlin')
  .action((team: { name: string; zone: string }) =>
    run(async ({ services }) => `team ${await services.teams.add(null, team)} created: ${team.name}`),
  );

program
  .command('member-add')
  .description('puts a person into a team')
  .requiredOption('--team <name>', "the team's name or number")
  .requiredOption('--email <email>', "the person's e-mail address")
  .requiredOption('--role <role>', 'owner, manager, editor or viewer')
  .action((member: { team: string; email: string; role: string }) =>
    run(async ({ services }) => {
      await services.teams.addMember(member);
      return `${member.email} is ${member.role} of ${member.team}`;
    }),
  );

program
  .command('rewrap')
  .description('seals every stored secret anew with the first key, so that older keys may be removed')
  .action(() => run(async ({ base }) => reportOf(await rewrap(base))));

await program.parseAsync();

/** @throws StartError when an older key is still needed */
function reportOf({ keyId, resealed, left, unreadable, retiredKeys }: Rewrapped): string {
  if (unreadable.length > 0) {
    const places = unreadable.map((place) => `  ${place}`).join('\n');
    throw new StartError(
      `No key opens these; connect the channel or enter the secret again, and keep the old keys until then:\n${places}`,
    );
  }
  if (left > 0) {
    throw new StartError(
      `${left} were sealed with an older key meanwhile. Restart every web and worker with the new key in front, then run this again.`,
    );
  }
  const older = retiredKeys === 0 ? '' : ` Once web and workers run with it in front, the older keys can be removed.`;
  return `${resealed} secrets sealed anew; every one is sealed with the key "${keyId}".${older}`;
}

/** Does one thing and says what was done. What was typed wrong is told like a wrong setting: in one sentence. */
async function run(work: (panel: Panel) => Promise<string>): Promise<void> {
  await withPanel({}, async (panel) => {
    try {
      console.log(await work(panel));
    } catch (error) {
      throw error instanceof InputError ? new StartError(error.message) : error;
    }
  });
}
