// Something outside drill is missing or does not work: exit code 4, and never a stack trace.

export interface EnvironmentProblem {
  /** What failed, e.g. `PostgreSQL on west/postgres`. */
  readonly what: string;
  readonly expected: string;
  readonly found: string;
  /** What to do or to type next. */
  readonly hint: string;
  /** The last lines of the log of the part that failed. */
  readonly log?: readonly string[];
  /** The machine itself ran out of something: nothing since then proves anything of the system. */
  readonly isMachine?: true;
}

export class EnvironmentError extends Error {
  readonly problem: EnvironmentProblem;

  constructor(problem: EnvironmentProblem, options?: ErrorOptions) {
    super(`${problem.what}: expected ${problem.expected}, found ${problem.found}`, options);
    this.name = 'EnvironmentError';
    this.problem = problem;
  }
}
