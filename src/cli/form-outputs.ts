// What a verb writes besides its text, and where: each form is a flag of the same name, alone for
// the standard output or with a file.
import { resolve } from 'node:path';
import { fileOutput } from '../report/reporters.ts';
import type { Output } from '../screen/screen.ts';
import { UserError } from '../screen/user-error.ts';
import { EXIT } from '../verdict/exit-code.ts';
import { NO_VALUE, type CliContext, type VerbArguments } from './verb.ts';

export type Forms<T> = Readonly<Record<string, (value: T) => string>>;

/** A form that is asked for, and where. */
interface FormOutput {
  readonly form: string;
  /** Null: the standard output. */
  readonly file: string | null;
  readonly output: Output;
}

/** Throws a `UserError` for what cannot be met, before anything is run. */
export function outputsOf(
  forms: Readonly<Record<string, unknown>>,
  args: VerbArguments,
  { screen, directory }: CliContext,
): FormOutput[] {
  const byPlace = new Map<string | null, FormOutput>();
  for (const form of Object.keys(forms)) {
    const value = args[form] as string | boolean | undefined;
    if (value === undefined || value === false) continue;
    const file = value === true || value === NO_VALUE ? null : value;
    const path = file === null ? null : resolve(directory, file);
    const output = path === null ? screen.stdout : fileOutput(path, `--${form}`);
    const first = byPlace.get(path)?.form;
    if (first !== undefined) {
      throw new UserError(
        `--${first} and --${form} would both write to ${file ?? 'stdout'}; ` +
          `give one a file of its own: --${form}=FILE`,
      );
    }
    byPlace.set(path, { form, file, output });
  }
  return [...byPlace.values()];
}

interface Written<T> {
  readonly text: (value: T, options: { columns: number; hasColour: boolean }) => string;
  readonly forms: Forms<T>;
  readonly outputs: readonly FormOutput[];
  /** How to get it where a file could not be written. */
  readonly again: string;
}

/** As text for people too: on stdout, unless another form takes that. */
export function writeForms<T>(
  value: T,
  { text: textOf, forms, outputs, again }: Written<T>,
  args: VerbArguments,
  { screen: { stdout, stderr } }: CliContext,
): void {
  const isTaken = outputs.some(({ file }) => file === null);
  const text = isTaken ? stderr : stdout;
  if (!isTaken || args['quiet'] !== true) {
    const [columns, hasColour] = [text.columns(), text.hasColour];
    text.write(textOf(value, { columns, hasColour }));
  }
  for (const { form, file, output } of outputs) {
    try {
      output.write(forms[form]!(value));
    } catch (error) {
      // A disk can fill up while drills run; the runs are there still.
      throw new UserError(`--${form}: ${(error as Error).message}`, {
        hint: again,
        exitCode: EXIT.environment,
      });
    }
    if (file !== null) stderr.write(`written: ${file}\n`);
  }
}
