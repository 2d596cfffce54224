// What one check of the machine is, such as the doctor makes. Adding one is a function and a line
// in the list of its runtime, or in `doctor/machine.ts`.
import { randomBytes } from 'node:crypto';
import type { DataRoom } from '../drill/plan/data.ts';
import type { RuntimeName } from '../drill/file/runtimes.ts';
import type { EnvironmentProblem } from '../host/environment-error.ts';
import type { Clock } from '../host/clock.ts';
import { makerEnding } from '../host/half-made/ending.ts';

const PROBE = 'drill-doctor-';

/** What a drill needs of the machine. */
export interface Needs {
  readonly runtime: RuntimeName;
  readonly redis: boolean;
  /** File descriptors of the one of its processes that has the most of them. */
  readonly descriptors: number;
  /** The room for rows of the databases' own; absent or null: they have none. */
  readonly data?: (DataRoom & { readonly bytes: number }) | null;
}

export interface DoctorContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Where runs are kept; it need not exist yet. */
  readonly runs: string;
  readonly needs: Needs;
}

export interface Finding {
  /** `warning`: drills run, but something is worth knowing. */
  readonly state: 'ok' | 'warning' | 'problem';
  /** What was found, in one line. */
  readonly found: string;
  /** What to type or to change; null when all is well. */
  readonly fix: string | null;
}

export interface DoctorCheck {
  readonly name: string;
  /**
   * Such a drill can do without it where this is false: its problems are shown and decide nothing.
   * Left out: every drill of the runtime needs it.
   */
  isNeeded?(needs: Needs): boolean;
  /**
   * Quick ones are made before every run too. What takes long, or what the bring-up asks in the
   * same way first of all, is for the doctor alone.
   */
  readonly isQuick: boolean;
  /**
   * A rejection counts as a problem, with its message. What the drill can do without is looked at
   * without a word to anybody else, such as a registry.
   */
  look(context: DoctorContext, isNeeded: boolean): Promise<Finding>;
}

/** What came of one check. */
export interface Examined extends Finding {
  readonly name: string;
  readonly needed: boolean;
  /** The whole of a problem that is known as one; not for printing. */
  readonly problem: EnvironmentProblem | null;
}

export function isNeeded(check: DoctorCheck, needs: Needs): boolean {
  return check.isNeeded?.(needs) ?? true;
}

/** Of a folder that is made to see whether one can be, and goes at once. */
export function probeName(): string {
  return `${PROBE}${randomBytes(4).toString('hex')}.making-${makerEnding()}`;
}

export function isProbe(name: string): boolean {
  return name.startsWith(PROBE) || name.startsWith(`.${PROBE}`);
}

export function ok(found: string): Finding {
  return { state: 'ok', found, fix: null };
}

export function warning(found: string, fix: string): Finding {
  return { state: 'warning', found, fix };
}

export function problem(found: string, fix: string): Finding {
  return { state: 'problem', found, fix };
}
