// What of the tables is known on both sides of the orders service: by itself, and by what
// replicates and empties them.

/** What two regions that both write replicate to each other. */
export const REPLICATED_TABLES = ['orders', 'stock'] as const;

/**
 * Makes the shared rows 1 to `count`, those that are not there. Where two regions write, it runs on
 * one of them once they replicate, or on both before they do: a row that was made on both sides is
 * a conflict.
 */
export function insertSharedRows(count: number): string {
  return `insert into stock (key) select generate_series(1, ${count}) on conflict do nothing`;
}
