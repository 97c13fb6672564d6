import type { Database } from '../db/database.ts';
import type { KeySource } from './key-file.ts';
import {
  countSealedOtherwise,
  forgetOtherKeys,
  replaceSealed,
  type SealedRow,
  selectSealedOtherwise,
} from './rewrap-store.ts';
import { placeIn, type SealedColumn, sealedColumns } from './sealed-places.ts';
import { createVault, nameOf, type Vault, VaultError } from './vault.ts';

export interface Rewrapped {
  /** The key that seals from now on. */
  readonly keyId: string;
  readonly resealed: number;
  /** Texts on other keys all the same: written meanwhile by a process that does not know the new key yet. */
  readonly left: number;
  /** Places of texts that no key opens, e.g. `credentials.access_token of network/app/account`. */
  readonly unreadable: readonly string[];
  /** How many older keys may be removed now. */
  readonly retiredKeys: number;
}

const batch = 50;
const passes = 5;

/**
 * Seals every stored secret anew with the first key, a few rows at a time, while web and workers run: what somebody
 * else writes meanwhile is left as it is and looked at again. Once nothing is left on another key, the others are
 * forgotten, and a start without them is no mistake any more.
 */
export async function rewrap({ db, keys }: { readonly db: Database; readonly keys: KeySource }): Promise<Rewrapped> {
  const vault = createVault(keys);
  const keyId = keys().first.id;
  let resealed = 0;
  const unreadable = new Set<string>();
  for (let pass = 0; pass < passes; pass += 1) {
    const results = await inTurn(sealedColumns, (column) => rewrapColumn({ db, vault, keyId }, column));
    for (const place of results.flatMap((result) => result.unreadable)) unreadable.add(place);
    resealed += sum(results.map((result) => result.resealed));
    if (results.every((result) => result.lost === 0 && result.resealed === 0)) break;
  }
  const others = await inTurn(sealedColumns, (column) => countSealedOtherwise(db.knex, column, keyId));
  const left = sum(others) - unreadable.size;
  const isDone = sum(others) === 0;
  if (isDone) await forgetOtherKeys(db.knex, keyId);
  return { keyId, resealed, left, unreadable: [...unreadable], retiredKeys: isDone ? keys().all.length - 1 : 0 };
}

interface Tools {
  readonly db: Database;
  readonly vault: Vault;
  readonly keyId: string;
}

interface ColumnResult {
  readonly resealed: number;
  /** Written by somebody else at the same moment. */
  readonly lost: number;
  readonly unreadable: readonly string[];
}

async function rewrapColumn(tools: Tools, column: SealedColumn): Promise<ColumnResult> {
  const pages: ColumnResult[] = [];
  let after: SealedRow['key'] = null;
  do {
    const rows = await selectSealedOtherwise(tools.db.knex, column, { keyId: tools.keyId, after, limit: batch });
    pages.push(await rewrapPage(tools, column, rows));
    after = rows.length < batch ? null : (rows.at(-1)?.key ?? null);
  } while (after !== null);
  return {
    resealed: sum(pages.map((page) => page.resealed)),
    lost: sum(pages.map((page) => page.lost)),
    unreadable: pages.flatMap((page) => page.unreadable),
  };
}

async function rewrapPage(
  { db, vault }: Tools,
  column: SealedColumn,
  rows: readonly SealedRow[],
): Promise<ColumnResult> {
  const changes: { row: SealedRow; sealed: string }[] = [];
  const unreadable: string[] = [];
  for (const row of rows) {
    const sealed = sealAnew(vault, column, row);
    if (sealed === undefined) unreadable.push(nameOf(placeIn(column, row.values)));
    else changes.push({ row, sealed });
  }
  const resealed = await db.transaction(async (sql) => {
    let replaced = 0;
    for (const change of changes) if (await replaceSealed(sql, column, change)) replaced += 1;
    return replaced;
  });
  return { resealed, lost: changes.length - resealed, unreadable };
}

function sealAnew(vault: Vault, column: SealedColumn, { sealed, values }: SealedRow): string | undefined {
  const place = placeIn(column, values);
  try {
    return vault.seal(vault.open(sealed, place), place);
  } catch (error) {
    if (error instanceof VaultError) return undefined;
    throw error;
  }
}

async function inTurn<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const one of all) results.push(await work(one));
  return results;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
