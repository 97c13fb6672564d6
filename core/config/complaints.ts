import { StartError } from '../errors.ts';

/** Everything wrong with the environment, gathered so that one start tells it all. */
export interface Complaints {
  /** @param problem a sentence, or the rest of one that begins with the name; without any secret that was typed */
  add(name: string, problem: string): void;
  /** @throws StartError */
  throwIfAny(): void;
}

export function createComplaints(): Complaints {
  const found: string[] = [];
  return {
    add: (name, problem) => void found.push(/^[a-z]/.test(problem) ? `${name} ${problem}` : `${name}: ${problem}`),
    throwIfAny: () => {
      const [only] = found;
      if (only === undefined) return;
      if (found.length === 1) throw new StartError(only);
      throw new StartError([`${found.length} settings are wrong:`, ...found.map((line) => `  ${line}`)].join('\n'));
    },
  };
}
