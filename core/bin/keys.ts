import { Command } from 'commander';
import { StartError } from '../errors.ts';
import { createEventLog } from '../events/event-log.ts';
import { keyFileIn } from '../keys/key-file.ts';
import { makeKey } from '../keys/key-ring.ts';
import { countByKey } from '../keys/rewrap-store.ts';
import { rewrap, type Rewrapped } from '../keys/rewrap.ts';
import { addKey, nextKeyId, retireKeys, rotateKeys } from '../keys/rotate.ts';
import type { Panel } from '../panel.ts';
import { withPanel } from './panel-process.ts';

type Base = Panel['base'];

/** Said before it is done: sessions are signed with a secret of each key. */
const signInsEnd = 'Once the older key is gone, everybody who signed in before the change has to sign in again.';

const program = new Command('npm run keys --').description('The key that seals stored secrets, and how to change it.');

program
  .command('list')
  .description('names the keys, in order, and how many stored secrets each has sealed')
  .action(() => run(list));

program
  .command('add')
  .description('adds a key that only opens yet: for several machines, before one of them rotates')
  .action(() => run(add));

program
  .command('rotate')
  .description('makes a new key and seals every stored secret with it, while web and workers run')
  .action(() => run(rotate));

program
  .command('rewrap')
  .description('seals every stored secret anew with the first key: after APP_KEY was changed by hand')
  .action(() => run(async (base) => reportOf(await rewrap(base))));

program
  .command('retire')
  .description(
    'takes older keys out of the key file, once nothing in the database needs them; whoever signed in before the change signs in again',
  )
  .action(() => run(retire));

await program.parseAsync();

async function run(work: (base: Base) => string | Promise<string>): Promise<void> {
  await withPanel({}, async ({ base }) => console.log(await work(base)));
}

async function list({ db, keys }: Base): Promise<string> {
  const counts = await countByKey(db.knex);
  const known = keys().all.map(({ id }, n) => {
    const role = n === 0 ? 'seals and opens' : 'opens only';
    return `${id}  ${role}  ${counts.get(id) ?? 0} stored secrets`;
  });
  const unknown = [...counts]
    .filter(([id]) => keys().all.every((key) => key.id !== id))
    .map(([id, count]) => `${id}  NOT THERE  ${count} stored secrets that cannot be opened`);
  return [...known, ...unknown].join('\n');
}

function add({ config, keys }: Base): string {
  if (config.appKey !== undefined) throw new StartError(byHand(config.appKey, nextKeyId(keys())));
  const file = keyFileIn(config.dataDir);
  const id = addKey({ file, keys });
  return `Added ${id}, which only opens yet. Copy ${file} to every machine, then run npm run keys -- rotate on one of them and copy it again.`;
}

async function rotate(base: Base): Promise<string> {
  const { config, keys } = base;
  if (config.appKey !== undefined) throw new StartError(byHand(config.appKey, nextKeyId(keys())));
  const result = await rotateKeys({ ...base, file: keyFileIn(config.dataDir) });
  await note(base, 'keys.rotated', { key: result.keyId });
  const older = 'Backups made until now need the older keys: keep a copy of them, then run npm run keys -- retire.';
  const signIns = `${signInsEnd} Choose an hour when that disturbs nobody.`;
  return `${reportOf(result)} ${older} ${signIns}`;
}

function byHand(appKey: string, id: string): string {
  const fresh = makeKey(id);
  return [
    'The keys stand in APP_KEY, which this command cannot change. Nothing was changed. By hand:',
    `1. Let every process open with a new key: APP_KEY=${appKey},${fresh}, and restart each web and worker in turn.`,
    `2. Let every process seal with it: APP_KEY=${fresh},${appKey}, and restart each in turn.`,
    '3. Run npm run keys -- rewrap. When it says so, take the older key out of APP_KEY and restart again.',
    signInsEnd,
  ].join('\n');
}

async function retire(base: Base): Promise<string> {
  const { config } = base;
  if (config.appKey !== undefined) {
    throw new StartError('The keys stand in APP_KEY: take the older ones out there and restart web and workers.');
  }
  const { retired, state } = await retireKeys({ ...base, file: keyFileIn(config.dataDir) });
  const report = reportOf(state);
  if (retired.length === 0) return `${report} There is no older key.`;
  await note(base, 'keys.retired', { keys: retired.join(', ') });
  return `${report} Taken out of the key file: ${retired.join(', ')}. Backups made before need them. Who signed in before the change has to sign in again.`;
}

/** For the audit: whoever sits at this machine is none of the installation's people. */
async function note(base: Base, kind: 'keys.rotated' | 'keys.retired', facts: Readonly<Record<string, string>>) {
  await createEventLog(base).record({ teamId: null, actorId: null, subject: 'site', subjectId: 'keys', kind, facts });
}

/** @throws StartError when an older key is still needed */
function reportOf({ keyId, resealed, left, unreadable }: Rewrapped): string {
  if (unreadable.length > 0) {
    const places = unreadable.map((place) => `  ${place}`).join('\n');
    throw new StartError(
      `No key opens these; connect the channel or enter the secret again, and keep the old keys until then:\n${places}`,
    );
  }
  if (left > 0) {
    throw new StartError(
      `${left} were sealed with an older key meanwhile. Give every web and worker the new key in front (a key file: copy it to each machine; APP_KEY: set it and restart), then run npm run keys -- rewrap.`,
    );
  }
  return `${resealed} secrets sealed anew; every one is sealed with the key "${keyId}".`;
}
