// What came of the checks, a line each with its fix.
import type { Examined } from '../topology/machine-check.ts';

const SIGNS = { ok: 'ok', warning: 'warning', problem: 'PROBLEM' } as const;
const NOT_NEEDED = 'not needed';

/** A problem of what the drill can do without is no more than a remark. */
export function findingLines(examined: readonly Examined[]): string[] {
  const width = Math.max(...examined.map(({ name }) => name.length));
  const signs = examined.map(({ state, needed }) =>
    state !== 'ok' && !needed ? NOT_NEEDED : SIGNS[state],
  );
  const signWidth = Math.max(...signs.map((sign) => sign.length));
  return examined.map(({ name, found, fix }, i) => {
    const advice = fix === null ? '' : `; fix: ${fix}`;
    return `${signs[i]!.padEnd(signWidth)}  ${name.padEnd(width)}  ${found}${advice}`;
  });
}
