// Where a comparison is written: as text for people, unless another form takes the standard
// output; and in files.
import { resolve } from 'node:path';
import { compareHtml } from '../report/compare/page.ts';
import { compareMarkdown, compareText } from '../report/compare/text.ts';
import { fileOutput } from '../report/reporters.ts';
import type { Output } from '../screen/screen.ts';
import { UserError } from '../screen/user-error.ts';
import type { Comparison } from '../verdict/comparison.ts';
import { EXIT } from '../verdict/exit-code.ts';
import type { CliContext, VerbArguments } from './verb.ts';

const STDOUT = '-';

const FORMS: Readonly<Record<string, (comparison: Comparison) => string>> = {
  json: (comparison) => `${JSON.stringify(comparison, null, 2)}\n`,
  markdown: compareMarkdown,
  html: compareHtml,
};

interface Asked {
  readonly form: string;
  /** `-` is the standard output. */
  readonly file: string;
  readonly output: Output;
}

export interface ComparisonOutputs {
  readonly asked: readonly Asked[];
  /** The place of the table for people; null: nowhere. */
  readonly text: Output | null;
}

/** Throws a `UserError` for what cannot be met, before anything is run. */
export function comparisonOutputs(
  args: VerbArguments,
  { screen, directory }: CliContext,
): ComparisonOutputs {
  const asked = Object.keys(FORMS).flatMap((form): Asked[] => {
    const value = args[form] as string | boolean | undefined;
    if (value === undefined || value === false) return [];
    const file = value === true ? STDOUT : value;
    if (file === STDOUT) return [{ form, file, output: screen.stdout }];
    return [{ form, file, output: fileOutput(resolve(directory, file), `--${form}`) }];
  });
  const places = asked.map(({ file }) => (file === STDOUT ? STDOUT : resolve(directory, file)));
  const twice = asked.find((_one, at) => places.indexOf(places[at]!) !== at);
  if (twice !== undefined) {
    const first = asked[places.indexOf(places[asked.indexOf(twice)]!)]!;
    const place = twice.file === STDOUT ? 'stdout' : twice.file;
    throw new UserError(
      `--${first.form} and --${twice.form} would both write to ${place}; ` +
        `give one a file of its own: --${twice.form}=FILE`,
    );
  }
  const isTaken = places.includes(STDOUT);
  const rest = args['quiet'] === true ? null : screen.stderr;
  return { asked, text: isTaken ? rest : screen.stdout };
}

export function writeComparison(
  comparison: Comparison,
  { asked, text }: ComparisonOutputs,
  { screen }: CliContext,
): void {
  if (text !== null) {
    const [columns, hasColour] = [text.columns(), text.hasColour];
    text.write(compareText(comparison, { columns, hasColour }));
  }
  for (const { form, file, output } of asked) {
    write(output, { flag: `--${form}`, text: FORMS[form]!(comparison) });
    if (file !== STDOUT) screen.stderr.write(`written: ${file}\n`);
  }
}

/** A disk can fill up while drills run; the runs are there still, and can be compared again. */
function write(output: Output, { flag, text }: { flag: string; text: string }): void {
  try {
    output.write(text);
  } catch (error) {
    throw new UserError(`${flag}: ${(error as Error).message}`, {
      hint: 'name the runs: drill compare RUN…',
      exitCode: EXIT.environment,
    });
  }
}
