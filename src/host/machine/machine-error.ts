// What the machine itself has run out of, or refuses: disk, files, file descriptors, processes,
// memory, ports. Nothing that is seen after that proves anything of the system under test.
import { EnvironmentError, type EnvironmentProblem } from '../environment-error.ts';
import { DISK, lackOf, refusalOf, type Lack } from './lacks.ts';

/** What lacks, where nobody knows for what it was needed. */
export const NEEDED = 'what drill needs of the machine';

/**
 * What ended a run or a command, as an `EnvironmentError` where the machine has run out of
 * something or refuses it, also as the cause of the error; null for any other error.
 */
export function machineError(error: unknown, what: string): EnvironmentError | null {
  if (!(error instanceof Error)) return null;
  if (error instanceof EnvironmentError && error.problem.isMachine) return error;
  const lack = refusalOf(error);
  if (lack === null) return machineError(error.cause, what);
  return lackError(lack, { what, found: error.message }, error);
}

/** Whether the machine has run out of something: the error says nothing of who was asked. */
export function isLackOfMachine(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof EnvironmentError && error.problem.isMachine) return true;
  return lackOf(error) !== null || isLackOfMachine(error.cause);
}

/** Whether the machine, and not what was asked for, keeps a file from being written. */
export function isRefused(error: unknown): boolean {
  return machineError(error, NEEDED) !== null;
}

/**
 * Ends this program, with the error in its log, where the machine has run out of something: what it
 * would say of those whom it asks from then on is not true.
 */
export function endWithoutMachine(error: unknown): void {
  if (!isLackOfMachine(error)) return;
  setImmediate(() => {
    throw error;
  });
}

/** Less room than the next file of a database takes. */
export function diskIsFull(what: string, found: string): EnvironmentError {
  return lackError(DISK, { what, found });
}

/** `seen`: who met it and how; its hint comes after the one for what lacks. */
export function lackError(
  { expected, hint }: Lack,
  seen: Omit<EnvironmentProblem, 'expected' | 'hint'> & { readonly hint?: string },
  cause?: unknown,
): EnvironmentError {
  const hints = [hint, seen.hint].filter(Boolean).join('; ');
  return new EnvironmentError({ ...seen, expected, hint: hints, isMachine: true }, { cause });
}
