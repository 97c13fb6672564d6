import { InputError, StartError } from '../errors.ts';
import { runNetworkCommand } from './network-commands.ts';
import { withPanel } from './panel-process.ts';

// `npm run network -- <network> …`; a network's own name is a shorter way to the same. It needs neither web nor worker.
await withPanel({}, async ({ base, services }) => {
  const terminal = {
    say: (line: string) => console.log(line),
    fail: () => void (process.exitCode = 1),
  };
  try {
    await runNetworkCommand({ base, services, terminal }, process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new StartError(base.texts.speech(base.siteLanguage()).say(error.message));
  }
});
