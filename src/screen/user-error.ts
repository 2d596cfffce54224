// An error that is for the user to mend. Its message is printed as it stands, without a stack: what
// was expected, what came, and where; `hint` is what to type next.

export class UserError extends Error {
  readonly exitCode: number;
  readonly hint: string | null;

  /** `exitCode` 2 is a bad command line or drill file, 4 an environment that lacks something. */
  constructor(message: string, options: { hint?: string; exitCode?: number } = {}) {
    super(message);
    this.name = 'UserError';
    this.exitCode = options.exitCode ?? 2;
    this.hint = options.hint ?? null;
  }
}
