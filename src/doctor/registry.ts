// The checks, in the order in which they are printed: what every drill needs, then what each
// runtime needs, which only its own drills do.
import { RUNTIME_NAMES, type RuntimeName } from '../drill/file/runtimes.ts';
import { isNeeded, type DoctorCheck } from '../topology/machine-check.ts';
import { runtimes } from '../topology/runtimes.ts';
import { clockSteadiness, nodeVersion, ports, runsFolder } from './machine.ts';

const GENERAL: readonly DoctorCheck[] = [nodeVersion, runsFolder, ports, clockSteadiness];

/** The checks of other runtimes are not even loaded where they are not asked for. */
export async function doctorChecks(
  names: readonly RuntimeName[] = RUNTIME_NAMES,
): Promise<DoctorCheck[]> {
  const own = await Promise.all(names.map(checksOf));
  return [...GENERAL, ...own.flat()];
}

async function checksOf(name: RuntimeName): Promise<DoctorCheck[]> {
  const checks = await runtimes[name].checks();
  return checks.map((check) => ({
    ...check,
    isNeeded: (needs) => needs.runtime === name && isNeeded(check, needs),
  }));
}
