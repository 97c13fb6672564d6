import type { Database } from '../../core/db/database.ts';
import { openTestDatabase } from './database.ts';
import { sharedMariaDb } from './mariadb.ts';
import { needs } from './needs.ts';

/**
 * Runs a suite on SQLite and on MariaDB. The database is migrated once and emptied before each test.
 * @param suite is handed a function that answers the database of the running test
 */
export function onEachDatabase(title: string, suite: (db: () => Database) => void): void {
  describe(`${title}, on SQLite`, () => withDatabase(() => openTestDatabase(), suite));
  describe(`${title}, on MariaDB`, () => {
    before(needs('mariadbd'));
    let drop: (() => Promise<void>) | undefined;
    withDatabase(async () => {
      const server = await sharedMariaDb();
      const createDatabase = async () => {
        const target = await server.createDatabase();
        drop = () => server.dropDatabase(target);
        return target;
      };
      return openTestDatabase({ mariadb: { createDatabase } });
    }, suite);
    after(() => drop?.());
  });
}

function withDatabase(open: () => Promise<Database>, suite: (db: () => Database) => void): void {
  let opened: Database | undefined;
  const db = (): Database => {
    if (opened === undefined) throw new Error('The database is open only while a test runs.');
    return opened;
  };
  before(async function () {
    this.timeout(120_000);
    opened = await open();
  });
  beforeEach(() => emptyDatabase(db()));
  after(() => opened?.close());
  suite(db);
}

/** Children before their parents. */
const tables = [
  ...['call_windows', 'call_counts'],
  ...['jobs', 'workers', 'events', 'webhook_events', 'attempts', 'deliveries', 'post_media', 'posts', 'media'],
  ...[
    'channels',
    'credentials',
    'sessions',
    'oauth_states',
    'one_time_links',
    'attempt_counts',
    'members',
    'teams',
    'users',
  ],
];

async function emptyDatabase(db: Database): Promise<void> {
  for (const table of tables) await db.knex(table).delete();
}
