import { createPool, type PoolOptions, type RowDataPacket } from 'mysql2';
import type { RowReader } from './row-reader.ts';

/** Together a server of two cores answers no faster than these. */
const mostConnections = 8;
/** More than the product has texts that are always the same, with each number of placeholders they are asked with. */
const mostKept = 300;

/**
 * Statements are prepared by the server and their values never stand in the text. The driver alone asks, which costs a
 * page half of what knex and its pool take. Opened when it is first asked: most processes never ask.
 */
export function createMysqlReader(connection: PoolOptions): RowReader {
  const pool = createPool({
    ...connection,
    ...{ connectionLimit: mostConnections, maxPreparedStatements: mostKept },
  });
  // In front of what the connection was opened for; without it nothing is asked there.
  pool.on('connection', (opened) => {
    opened.query('SET SESSION TRANSACTION READ ONLY', (error) => {
      if (error !== null) opened.destroy();
    });
  });
  return {
    rows: (text, values) =>
      new Promise((resolve, reject) => {
        pool.execute<RowDataPacket[]>(text, [...values], (error, rows) => {
          if (error === null) resolve(rows);
          else reject(error);
        });
      }),
    close: () =>
      new Promise((resolve, reject) => {
        // Nothing, and not null, where no connection was ever opened.
        pool.end((error) => {
          if (error instanceof Error) reject(error);
          else resolve();
        });
      }),
  };
}
