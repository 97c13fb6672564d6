import { Command } from 'commander';
import { createAdmin } from '../auth/first-admin.ts';
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

await program.parseAsync();

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
