// A run that measured nothing, since the machine stood still.
import type { Context } from 'mocha';
import { type TruthRun } from '../../../src/selftest/known/run.ts';
import { isUneven } from '../../../src/selftest/known/runs.ts';
import { requirePart } from '../require.ts';

/** Skips the test when the machine was too busy even for the second try. */
export function requireEven(context: Context, run: TruthRun): void {
  const reason = 'the machine was too busy twice for operations to start on time';
  requirePart(context, 'idle-machine', !isUneven(run), reason);
}
