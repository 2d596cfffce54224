// Parts that not every machine has: a test that needs one that is missing is skipped with the
// reason printed, and fails when the environment variable DRILL_REQUIRE (comma-separated names)
// says that the part must be there.
import type { Context } from 'mocha';

/** Ends the test or suite (called from `before` or `it`) unless the part was found. */
export function requirePart(
  context: Context,
  part: string,
  isFound: boolean,
  reason: string,
): void {
  if (isFound) return;
  const required = (process.env['DRILL_REQUIRE'] ?? '').split(',').map((name) => name.trim());
  if (required.includes(part)) throw new Error(`DRILL_REQUIRE names ${part}, but ${reason}`);
  const skipReason = `needs ${part}: ${reason}`;
  const { test } = context;
  const isHook = (test as { type?: string } | undefined)?.type === 'hook';
  const skipped = isHook ? test?.parent : test;
  Object.assign(skipped ?? {}, { skipReason }); // for the summary reporter
  console.log(`      skipped, ${skipReason}`);
  context.skip();
}
