// What a command comes to that does not end with 0.
import { OperationFailed } from '../operation-failed.ts';

export class CommandFailed extends OperationFailed {
  /** Null: it was never started, was killed, or took too long. */
  readonly code: number | null;

  constructor(command: readonly string[], found: string, code: number | null) {
    super({ what: command.join(' '), expected: 'exit code 0', found });
    this.code = code;
  }
}
