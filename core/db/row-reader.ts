/** Connections of a process beside its pool, for reading alone. */
export interface RowReader {
  /** By the names of their columns. At once, or in a moment: nobody waits for a connection of the pool. */
  rows(text: string, values: readonly (string | number)[]): readonly unknown[] | Promise<readonly unknown[]>;
  close(): void | Promise<void>;
}
