// What PostgreSQL says by the five letters of an error: whether it would say the same again.

/** It has no room, stops or starts, took too long, or gave way to another one. */
const PASSING = /^(08|40|53|55|57|58)/;

/**
 * Whether a failure is the answer of a database that will say the same again. `alsoPassing`: codes
 * that pass by themselves for whoever asks, besides those that always do.
 */
export function isRefusal(error: unknown, alsoPassing: readonly string[] = []): boolean {
  const { code } = error as { readonly code?: unknown };
  if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code)) return false;
  return !PASSING.test(code) && !alsoPassing.includes(code);
}
