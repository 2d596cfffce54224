// Whether a machine has so much to do that what is measured on it is not the system's alone: one
// rule, for the doctor before a run and for the run itself.
import type { MachineFacts } from './machine-facts.ts';

/** A drill alone stays below it on two cores; far above, parts of drill do not get to run. */
const PER_CORE_MAX = 2;

export type MachineLoad = Pick<MachineFacts, 'load' | 'cores'>;

export function isBusy({ load, cores }: MachineLoad): boolean {
  return load > PER_CORE_MAX * cores;
}

/** `load 10.07 on 2 cores, 5 for each; up to 2 for each is fine` */
export function loadWords({ load, cores }: MachineLoad): string {
  const each = Math.round((10 * load) / cores) / 10;
  const [of, on] = cores === 1 ? ['it', '1 core'] : ['each', `${cores} cores`];
  return `load ${load} on ${on}, ${each} for ${of}; up to ${PER_CORE_MAX} for ${of} is fine`;
}
