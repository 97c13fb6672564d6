import { connectDatabase } from '../db/connect.ts';
import { migrateToLatest } from '../db/migrate.ts';
import { migrationFolders } from '../panel/foundation.ts';
import { readInstallation, startOrExplain } from './panel-process.ts';

await startOrExplain(async () => {
  const { config, plugins } = await readInstallation();
  const db = await connectDatabase(config.database);
  try {
    const done = await migrateToLatest(db, migrationFolders(plugins));
    for (const name of done) console.log(`migrated ${name}`);
    if (done.length === 0) console.log('nothing to migrate: the database is up to date');
  } finally {
    await db.close();
  }
});
