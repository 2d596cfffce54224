// What is thrown instead of a result: a drill file with mistakes, and a result that was to pass.
import { formatDiagnostic, type Diagnostic } from '../drill/file/diagnostic.ts';
import { UserError } from '../screen/user-error.ts';
import type { DrillResult, Judgement } from './api.ts';

/** The drill file, or what was laid over it, has mistakes: nothing was started. */
export class DrillFileError extends UserError {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    super(errors.map(formatDiagnostic).join('\n'));
    this.name = 'DrillFileError';
    this.diagnostics = diagnostics;
  }
}

/** A drill that was to pass did not; the message is the summary of its result. */
export class DrillFailed extends Error {
  readonly result: DrillResult | Judgement;

  constructor(result: DrillResult | Judgement) {
    super(result.summary);
    this.name = 'DrillFailed';
    this.result = result;
  }
}
