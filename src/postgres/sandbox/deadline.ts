// How long a restore may take. What is not finished by then is given up, and nothing is said of the
// backup: that it is too slow is all that is known.
import { formatDuration } from '../../base/units.ts';
import type { RestoreFinding } from '../../evidence/backup/restore-form.ts';
import { abortAfter, type Clock } from '../../host/clock.ts';
import { EnvironmentError } from '../../host/environment-error.ts';

/** The time was over before it was done. */
export class NotFinished extends Error {
  override readonly name = 'NotFinished';
  readonly finding: RestoreFinding;

  constructor(step: string, deadline_ms: number) {
    const deadline = formatDuration(deadline_ms);
    const text = `it was not finished within the deadline of ${deadline}: ${step}`;
    super(text);
    this.finding = { code: 'not-finished', text };
  }
}

export interface StepLimits {
  readonly atMost_ms: number;
  readonly signal: AbortSignal;
}

/** Runs while the backup is restored, and not while drill looks at it. */
export class Deadline {
  readonly #clock: Clock;
  readonly #ms: number;
  readonly #interrupt: AbortSignal | undefined;
  #left_ms: number;

  constructor(clock: Clock, ms: number, interrupt: AbortSignal | undefined) {
    this.#clock = clock;
    this.#ms = ms;
    this.#interrupt = interrupt;
    this.#left_ms = ms;
  }

  /** Rejects with `NotFinished` where it is late, and where it was interrupted with why. */
  async during<T>(step: string, work: (limits: StepLimits) => Promise<T>): Promise<T> {
    const interrupt = this.#interrupt;
    const ended = new AbortController();
    const began = this.#clock.now();
    const reason = new NotFinished(step, this.#ms);
    const late = abortAfter(this.#clock, this.#left_ms, reason, ended.signal);
    const signal = AbortSignal.any(interrupt === undefined ? [late] : [late, interrupt]);
    try {
      return await work({ atMost_ms: Math.ceil(this.#left_ms), signal });
    } finally {
      ended.abort();
      this.#left_ms = Math.max(1, this.#left_ms - (this.#clock.now() - began));
      // Whatever it came to: a program that was killed for it may say anything.
      interrupt?.throwIfAborted();
      late.throwIfAborted();
    }
  }
}

/** A program that somebody killed says nothing of what it was given. */
export function refuseKilled(what: string, expected: string, problem: string | null): void {
  if (problem !== 'SIGKILL' && problem !== 'SIGTERM') return;
  const hint = 'look whether the machine ran out of memory (dmesg), and try again';
  throw new EnvironmentError({ what, expected, found: `that it was killed (${problem})`, hint });
}
