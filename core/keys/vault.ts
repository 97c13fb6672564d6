/** Where a sealed text lives: it opens there and nowhere else. */
export interface SealedPlace {
  readonly table: string;
  readonly column: string;
  /** What identifies the row, e.g. `tiktok/awx123/user-7`. */
  readonly row: string;
}

/** Seals secrets for the database with AES-256-GCM under a key that is not in the database. */
export interface Vault {
  /** The sealed text names its key: `<key id>.<nonce>.<ciphertext and tag>`. */
  seal(plain: string, place: SealedPlace): string;
  /** @throws VaultError when the key is unknown, the text was altered, or it belongs to another place */
  open(sealed: string, place: SealedPlace): string;
}
