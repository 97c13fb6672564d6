import { createServer, type RequestListener } from 'node:http';
import type { DoctorCheck, DoctorLook, Finding } from '#plugin-api';
import { ownAddress } from '../../../core/doctor/own-address.ts';

/** A web server that answers at what counts as the public address. */
export interface StandIn {
  readonly url: string;
  answers: RequestListener;
  close(): Promise<void>;
}

export async function startStandIn(): Promise<StandIn> {
  const standIn: { answers: RequestListener } = { answers: (_request, response) => void response.end() };
  const server = createServer((request, response) => standIn.answers(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The stand-in listens on no port.');
  return Object.assign(standIn, {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

/** One check, with what is fetched from the public address fetched from there. */
export function lookWith(check: DoctorCheck, publicUrl = 'http://127.0.0.1:9'): Promise<Finding> {
  const fetchOwn = ownAddress(publicUrl);
  const { signal } = new AbortController();
  const look: DoctorLook = {
    signal,
    fetchOwn: (path) => fetchOwn(path, signal),
    webhooks: () => Promise.resolve({ lastTakenAt: undefined, refusedAt: {} }),
  };
  return check.run(look);
}
