import { z } from 'zod';

const failure = z.object({ code: z.string().optional(), name: z.string().optional(), message: z.string().optional() });

const codes: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ETIMEDOUT',
  'EPIPE',
  'PROTOCOL_CONNECTION_LOST',
  'ER_SERVER_SHUTDOWN',
  'ER_CON_COUNT_ERROR',
  'SQLITE_CANTOPEN',
]);

/** Whether the database is out of reach, so that waiting is what helps. Calls to networks end in RemoteErrors instead. */
export function isDatabaseDown(error: unknown): boolean {
  const { data } = failure.safeParse(error);
  if (data === undefined) return false;
  if (data.code !== undefined && (codes.has(data.code) || data.code.startsWith('SQLITE_IOERR'))) return true;
  return data.name === 'KnexTimeoutError' || /unable to acquire a connection/i.test(data.message ?? '');
}

const diskCodes: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'SQLITE_FULL']);

/** Whether the disk takes nothing more: somebody has to make room before trying again helps. */
export function isDiskFull(error: unknown): boolean {
  const { data } = failure.safeParse(error);
  return data?.code !== undefined && diskCodes.has(data.code);
}
