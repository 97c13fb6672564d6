import { AsyncLocalStorage } from 'node:async_hooks';
import { RemoteError, type Translate } from '#plugin-api';

/** How long one page waits for networks altogether, whatever it asks them, from the first question on. */
const patienceMs = 5_000;

interface Page {
  readonly patienceMs: number;
  end?: AbortSignal;
}

// The one thing that is not handed in: a form asks a network while it is checked and once more while it is drawn
// again, several rooms apart, and must not wait twice.
const pages = new AsyncLocalStorage<Page>();

/** All that `handle` asks of networks shares one patience. */
export function onePage<T>(handle: () => T, ms = patienceMs): T {
  return pages.run({ patienceMs: ms }, handle);
}

/**
 * Asks a network for a page. What has no answer in time goes on by itself and is not waited for; nothing more is asked.
 * @throws RemoteError, also when patience is at its end
 */
export async function askForPage<T>(t: Translate, question: () => Promise<T>): Promise<T> {
  const page = pages.getStore() ?? { patienceMs };
  const end = (page.end ??= AbortSignal.timeout(page.patienceMs));
  if (end.aborted) throw tooLong(t);
  let giveUp: () => void = () => undefined;
  const late = new Promise<never>((_resolve, reject) => {
    giveUp = () => reject(tooLong(t));
    end.addEventListener('abort', giveUp);
  });
  try {
    return await Promise.race([question(), late]);
  } finally {
    end.removeEventListener('abort', giveUp);
  }
}

function tooLong(t: Translate): RemoteError {
  const [sentence, nextStep] = [t('limits:tooLong.sentence'), t('limits:tooLong.nextStep')];
  return new RemoteError({
    kind: 'temporary',
    explanation: { sentence, nextStep, who: 'network', code: 'no_answer_in_time' },
  });
}
