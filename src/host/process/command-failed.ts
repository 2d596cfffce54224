// What a command comes to that does not end with 0.
import { OperationFailed } from '../operation-failed.ts';
import { isStillThere, type OtherProcess } from './processes.ts';

export class CommandFailed extends OperationFailed {
  /** Null: it was never started, was killed, or took too long. */
  readonly code: number | null;

  constructor(command: readonly string[], found: string, code: number | null) {
    super({ what: command.join(' '), expected: 'exit code 0', found });
    this.code = code;
  }
}

/** It was to be ended, and goes on: its processes are another user's, or hang in the kernel. */
export class CommandGoesOn extends OperationFailed {
  readonly #processes: readonly OtherProcess[];

  constructor(program: string, processes: readonly OtherProcess[]) {
    const found = `process ${processes.map(({ pid }) => pid).join(', ')}, which cannot be ended`;
    super({ what: program, expected: 'it to end when it is killed', found });
    this.#processes = processes;
  }

  /** Rejects while it still goes on. */
  async requireOver(): Promise<void> {
    if (this.#processes.some(isStillThere)) await Promise.reject(this);
  }
}
