// Programs that tests and benchmarks use where the machine has them.
import { findProgram as findOnPath } from '../../src/host/files.ts';

/** On this process' PATH; null when it is not there. */
export function findProgram(name: string): string | null {
  return findOnPath(name, process.env['PATH']);
}
