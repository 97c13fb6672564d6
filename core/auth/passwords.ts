/** Hashes passwords with argon2id, a few at a time: each takes 19 MiB and a core. */
export interface Passwords {
  hash(password: string): Promise<string>;
  /** Takes as long for a missing hash as for a wrong password, so that the time tells nothing. */
  matches(password: string, passwordHash: string | null): Promise<boolean>;
}

const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

// Of a password nobody knows: 32 random bytes, thrown away.
const hashOfNobody =
  '$argon2id$v=19$m=19456,t=2,p=1$b2HD+0H/loJWZbo6n9lw9Q$DhKtyoWxkIugc9rfkmeXGLmOkQjT1hJinJeNtJwCpbw';

/** A native library that no start needs: it is loaded for the first password. */
const argon2 = () => import('@node-rs/argon2');

export function createPasswords(atOnce = 2): Passwords {
  const inTurn = limitTo(atOnce);
  return {
    hash: (password) => inTurn(async () => (await argon2()).hash(password, cost)),
    matches: async (password, passwordHash) => {
      const isRight = await inTurn(async () => (await argon2()).verify(passwordHash ?? hashOfNobody, password));
      return isRight && passwordHash !== null;
    },
  };
}

function limitTo(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= most) await new Promise<void>((go) => void waiting.push(go));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
