// The system that a run was made against: another run's, which stays up. What was done to it is
// healed where that run can be proved too, and while nobody works on it.
import { realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { liveClaims } from '../../evidence/claims.ts';
import { runFile } from '../../evidence/run-files.ts';
import { readUndoLog, type Effect, type ProvenRun } from '../../evidence/undo.ts';
import { OperationFailed } from '../../host/operation-failed.ts';
import { logProblem, proveRun, runnerState } from './proof.ts';

/**
 * Null for an effect on the run's own system, which goes with the run; `gone`: the other one was
 * brought down, or is nowhere. Throws why it is not touched.
 */
export function provenSystem(effect: Effect, own: ProvenRun): ProvenRun | null | 'gone' {
  const { system: stated } = effect;
  if (stated === undefined) return null;
  if (typeof stated !== 'string' || !stated.startsWith('/')) throw refuse('no directory', stated);
  const problem = logProblem(stated);
  if (problem === 'nothing') return 'gone';
  if (problem === 'foreign') throw refuse('another user’s', stated);
  const directory = realpathSync(stated);
  if (directory === own.directory) return null;
  const { owner, entries } = readUndoLog(runFile(directory, 'undo'));
  if (entries.at(-1)?.undo === 'done') return 'gone';
  if (owner === null) throw refuse('one with a damaged undo log', stated);
  const system = proveRun(directory, owner);
  if ('refused' in system) throw refuse(system.refused, stated);
  if (runnerState(owner, system) !== 'gone') throw refuse('one whose runner may be alive', stated);
  const [user] = liveClaims(directory);
  if (user !== undefined) throw refuse(`in use by ${user.by}`, basename(directory));
  return system;
}

function refuse(found: string, stated: unknown): OperationFailed {
  const what = `the system of ${String(stated)}`;
  return new OperationFailed({ what, expected: 'one that is up, of this user’s', found });
}
