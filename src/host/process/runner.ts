// The process that made something which outlives it, as others look for it later: whether it still
// runs, be it that they see other processes than it does (a container has its own), or that the
// machine was started again.
import { hostname } from 'node:os';
import {
  idsInside,
  isStillThere,
  ownProcess,
  processNamespace,
  type OtherProcess,
} from './processes.ts';

export interface Runner extends OtherProcess {
  /** Of process ids. Absent where the system has none. */
  readonly namespace?: string;
  /** The name of its machine, or of its container. Absent in what earlier versions wrote. */
  readonly host?: string;
}

/**
 * `unseen`: of the same boot, in a namespace that cannot be looked into from here. `elsewhere`: it
 * may be another machine, or this one before it was started again.
 */
export type Presence = 'there' | 'gone' | 'unseen' | 'elsewhere';

/** The namespace that sees every process of a machine (PROC_PID_INIT_INO of Linux). */
const OUTERMOST = 'pid:[4026531836]';

/** This process, for whoever looks for it later. */
export function thisRunner(): Runner {
  return { ...ownProcess(), ...processNamespace(), host: hostname() };
}

export function presenceOf(runner: Runner): Presence {
  const here = thisRunner();
  const { namespace } = runner;
  if (isOtherBoot(runner, here)) return isSameHost(runner, here) ? 'gone' : 'elsewhere';
  const isSame = namespace === undefined || namespace === here.namespace;
  if (isSame || here.namespace === undefined) return isStillThere(runner) ? 'there' : 'gone';
  if (idsInside(runner.pid).some((pid) => isStillThere({ ...runner, pid }))) return 'there';
  return here.namespace === OUTERMOST ? 'gone' : 'unseen';
}

/** Whether it was here: in these processes, and so most likely among these files. */
export function ranHere({ namespace, host }: Runner): boolean {
  const here = thisRunner();
  const isSame = namespace === undefined || namespace === here.namespace;
  return isSame && (host === undefined || host === here.host);
}

/** Where the system names no boot (macOS), the process and its time of start are all there is. */
function isOtherBoot(one: OtherProcess, other: OtherProcess): boolean {
  const boots = [bootOf(one), bootOf(other)];
  return !boots.includes(null) && boots[0] !== boots[1];
}

function isSameHost(one: Runner, other: Runner): boolean {
  return one.host === undefined || one.host === other.host;
}

function bootOf({ started }: OtherProcess): string | null {
  return /^([^:\s]+):\d+$/.exec(started)?.[1] ?? null;
}
