import { z } from 'zod';
import type { Clock } from '#plugin-api';
import type { Database } from '../db/database.ts';
import { StartError } from '../errors.ts';
import type { KeySource } from './key-file.ts';
import { selectKeysInUse } from './rewrap-store.ts';
import { createVault, type SealedPlace, type Vault, VaultError } from './vault.ts';

interface KeyCheckDeps {
  readonly db: Database;
  readonly keys: KeySource;
  readonly clock: Clock;
}

/**
 * Proves, before anything is written, that the keys are those of this database, and leaves a proof for the next start.
 * @throws StartError when a key is missing or is another one under the same id
 */
export async function openVault(deps: KeyCheckDeps): Promise<Vault> {
  const ring = deps.keys();
  const vault = createVault(deps.keys);
  const rows = z.array(checkRow).parse(await deps.db.knex('key_checks').select('key_id', 'sealed'));
  for (const row of rows) {
    if (!ring.all.some((key) => key.id === row.key_id)) throw missing(row.key_id);
    if (!opens(vault, row)) throw another(row.key_id);
  }
  for (const keyId of await selectKeysInUse(deps.db.knex)) {
    if (!ring.all.some((key) => key.id === keyId)) throw missing(keyId);
  }
  if (!rows.some((row) => row.key_id === ring.first.id)) await remember(deps, vault, ring.first.id);
  return vault;
}

const knownText = 'The keys of this installation open this text.';
const checkRow = z.object({ key_id: z.string(), sealed: z.string() });

function placeOf(keyId: string): SealedPlace {
  return { table: 'key_checks', column: 'sealed', row: keyId };
}

function opens(vault: Vault, row: z.output<typeof checkRow>): boolean {
  try {
    return vault.open(row.sealed, placeOf(row.key_id)) === knownText;
  } catch (error) {
    if (error instanceof VaultError) return false;
    throw error;
  }
}

async function remember({ db, clock }: KeyCheckDeps, vault: Vault, keyId: string): Promise<void> {
  const row = { key_id: keyId, sealed: vault.seal(knownText, placeOf(keyId)), created_at: clock.now() };
  // Two first starts at once hold the same key: whichever row stays is right.
  await db.knex('key_checks').insert(row).onConflict('key_id').ignore();
}

const remedy =
  'Put the old key back: in APP_KEY, or as app.key in DATA_DIR. Without it the stored secrets cannot be read.';

function missing(keyId: string): StartError {
  return new StartError(
    `This database holds secrets sealed with the key "${keyId}", which is not among the keys. ${remedy}`,
  );
}

function another(keyId: string): StartError {
  return new StartError(`The key "${keyId}" is not the one this database was written with. ${remedy}`);
}
