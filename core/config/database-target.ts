import path from 'node:path';
import type { DatabaseTarget } from '../db/database.ts';
import type { Complaints } from './complaints.ts';

const forms = 'Use sqlite:<file> or mysql://user:password@host:3306/database.';

/** Never repeats what was typed: it may hold a password. */
export function readDatabaseTarget(typed: string | undefined, dataDir: string, complaints: Complaints): DatabaseTarget {
  const embedded = { kind: 'sqlite', file: path.join(dataDir, 'castdeck.db') } as const;
  if (typed === undefined) return embedded;
  const target = typed.startsWith('sqlite:') ? readFile(typed.slice('sqlite:'.length)) : readServer(typed);
  if (typeof target !== 'string') return target;
  complaints.add('DATABASE_URL', target);
  return embedded;
}

function readFile(typed: string): DatabaseTarget | string {
  const file = typed.replace(/^\/\/(?=\/)/, '');
  if (file === '' || file.startsWith(':')) return `names no file. ${forms}`;
  return { kind: 'sqlite', file: path.resolve(file) };
}

function readServer(typed: string): DatabaseTarget | string {
  if (!URL.canParse(typed)) return `is not an address. ${forms}`;
  const url = new URL(typed);
  if (url.protocol !== 'mysql:') return `"${url.protocol}" is not supported. ${forms}`;
  const database = url.pathname.slice(1);
  if (url.hostname === '' || !/^[\w$-]+$/.test(database)) return `names no host or no database. ${forms}`;
  if (url.search !== '') return `has options after the database's name, which are not supported. Remove them. ${forms}`;
  try {
    return {
      kind: 'mysql',
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: url.port === '' ? 3306 : Number(url.port),
      user: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
      database,
    };
  } catch {
    return 'has a % in user or password that is not %-encoded. Write it as %25.';
  }
}
