// A reporter is told events and, at the end, the result. It sees nothing else.
import type { RunEvent } from '../evidence/event.ts';
import type { Plan } from '../drill/plan/plan.ts';
import type { Result } from '../verdict/result.ts';

export interface Reporter {
  onPlan?(plan: Plan): void;
  onEvent?(event: RunEvent): void;
  onResult?(result: Result, directory: string): void;
  /** After the last result of the command; writes what is written once. */
  onEnd?(): void | Promise<void>;
}
