import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { RemoteError } from '#plugin-api';
import { connectDatabase } from '../../core/db/connect.ts';
import { openTokenRooms } from './token-rooms.ts';

// A process of its own that needs access tokens, and may be told where to stand still for being killed there. Started by
// token-storm.ts.

const options = z
  .object({
    target: z.object({
      ...{ kind: z.literal('mysql'), host: z.string(), port: z.number() },
      ...{ user: z.string(), password: z.string(), database: z.string() },
    }),
    url: z.string(),
  })
  .parse(JSON.parse(process.argv[2] ?? ''));

const order = z.array(z.object({ id: z.number(), standAt: z.string().optional() }));
type Wanted = z.output<typeof order>[number];

const db = await connectDatabase(options.target);
const { credentials, connector } = openTokenRooms(db, options.url);
const asking = new AsyncLocalStorage<Wanted>();

const refresh = connector.refresh.bind(connector);
connector.refresh = async (credential) => {
  await stand('before-call');
  const tokens = await refresh(credential);
  await stand('after-response');
  return tokens;
};

process.on('message', (message) => {
  void Promise.all(order.parse(message).map((wanted) => asking.run(wanted, () => tokenOf(wanted.id)))).then((tokens) =>
    process.send?.({ tokens }),
  );
});
process.send?.({});

/** Waits as a job would where it is told to come again. @returns the token, or what kind of error ended it */
async function tokenOf(id: number): Promise<string> {
  for (;;) {
    try {
      const token = await (await credentials.access(id)).accessToken();
      await stand('after-commit');
      return token;
    } catch (error) {
      if (error instanceof RemoteError && error.kind !== 'temporary') return error.kind;
      // Also where its database is away.
      await pause(50);
    }
  }
}

/** For ever, where whoever waits for this token was told so. */
async function stand(at: string): Promise<void> {
  const wanted = asking.getStore();
  if (wanted?.standAt !== at) return;
  process.send?.({ standing: wanted.id });
  await new Promise(() => undefined);
}
