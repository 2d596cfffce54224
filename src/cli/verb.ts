// What a verb of the command line is: data for help, completion and docs, and one function.
import type { Options, PositionalOptions } from 'yargs';
import type { Screen } from '../screen/screen.ts';

/** Everything a verb may know of the world; made once by `main.ts`. */
export interface CliContext {
  readonly screen: Screen;
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Aborts at the first SIGINT or SIGTERM, or when the parent is gone; its reason says which. */
  readonly interrupt: AbortSignal;
  /** Aborts at the second one: stop waiting for the clean-up, print what is left. */
  readonly kill: AbortSignal;
  /**
   * Tells what a run would leave behind if the process ended by force now; null when none is under
   * way.
   */
  readonly onRun?: (leftBehind: (() => string) | null) => void;
  /** Resolves at Enter; null where there is nobody to ask (stdin is no terminal). */
  readonly askForEnter: ((question: string, signal: AbortSignal) => Promise<void>) | null;
}

/** `args` are yargs' parsed values by camelCase name. */
export type VerbArguments = Readonly<Record<string, unknown>>;

export interface Verb {
  /** yargs syntax: `check <files..>`. */
  readonly command: string;
  readonly summary: string;
  readonly positionals: Readonly<Record<string, PositionalOptions>>;
  readonly options: Readonly<Record<string, Options>>;
  /** Options that may stand without a value: it is then `-`, for the standard output. */
  readonly bare?: readonly string[];
  /** Runnable lines with what they do. */
  readonly examples: readonly (readonly [string, string])[];
  /** Writes its result to stdout and its problems to stderr; resolves to the exit code. */
  run(args: VerbArguments, context: CliContext): Promise<number>;
}
