// What one check of the doctor is. Adding one is a file (or a function) and a line in
// `registry.ts`.
import type { Clock } from '../host/clock.ts';

export interface DoctorContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
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
  /** A rejection counts as a problem, with its message. */
  look(context: DoctorContext): Promise<Finding>;
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
