// What is said of a run that has no result, or one that cannot be read.
import { existsSync } from 'node:fs';
import { UserError } from '../screen/user-error.ts';
import { EXIT } from '../verdict/exit-code.ts';

/** `place` is the run directory, `command` how the user calls drill. */
export function noResult(place: string, command: string): UserError {
  const what = existsSync(`${place}/result.json`)
    ? 'its result.json is damaged'
    : 'it has no result.json: it is still running, or its runner was killed';
  return new UserError(`${place}: ${what}`, {
    hint: `${command} judge ${place}   computes the result from the other files`,
    exitCode: EXIT.inconclusive,
  });
}
