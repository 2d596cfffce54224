// What a verb of the command line is: data for help, completion and docs, and one function.
import type { Screen } from '../screen/screen.ts';
import type { EXITS_WITHOUT_VERDICT } from '../verdict/exit-code.ts';
import type { Surroundings } from '../session/session.ts';

/** Everything a verb may know of the world; made once by `main.ts`. */
export interface CliContext extends Surroundings {
  readonly screen: Screen;
  /**
   * Tells what a run would leave behind if the process ended by force now; null when none is under
   * way.
   */
  readonly onRun?: (leftBehind: (() => string) | null) => void;
  /** SIGHUP asks for this from now on, instead of the end; null: it ends the process again. */
  readonly onReload?: (reload: (() => void) | null) => void;
}

export type VerbArguments = Readonly<Record<string, unknown>>;

/** The value of an option without one; of a file, the standard output. */
export const NO_VALUE = '-';

export interface Argument {
  /** Default: `string`. */
  readonly type?: 'string' | 'number' | 'boolean';
  readonly describe?: string;
  readonly choices?: readonly string[];
  readonly default?: string | boolean;
  /** A single letter that stands for it: `x` for `-x`. */
  readonly short?: string;
  /** May be given more than once: its value is a list then. */
  readonly array?: boolean;
}

export interface Verb {
  /** With its positionals: `check <files..>`, `show [run]`. */
  readonly command: string;
  readonly positionals: Readonly<Record<string, Argument>>;
  readonly options: Readonly<Record<string, Argument>>;
  /** Options that may stand without a value: it is then `NO_VALUE`. */
  readonly bare?: readonly string[];
  /** Runnable lines with what they do. */
  readonly examples: readonly (readonly [string, string])[];
  /** How it can end, where it judges nothing; absent: as a drill does. */
  readonly exits?: typeof EXITS_WITHOUT_VERDICT;
  /** Writes its result to stdout and its problems to stderr; resolves to the exit code. */
  run(args: VerbArguments, context: CliContext): Promise<number>;
}

export interface VerbEntry {
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  load(): Promise<Verb>;
}
