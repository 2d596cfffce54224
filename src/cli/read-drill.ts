// The flags of every verb that reads drill files, and what it prints of what is wrong in them.
import type { DrillFlags } from '../drill/file/config.ts';
import { formatDiagnostic, hasErrors, type Diagnostic } from '../drill/file/diagnostic.ts';
import { AUTO, RUNTIME_NAMES } from '../drill/file/runtimes.ts';
import type { Refused } from '../report/reporter.ts';
import { asCalled } from '../screen/command-name.ts';
import { readDrill, type DrillRead } from '../session/read.ts';
import { EXIT } from '../verdict/exit-code.ts';
import type { Argument, CliContext, VerbArguments } from './verb.ts';

export const drillOptions = {
  set: {
    array: true,
    describe: 'Give a key of the drill file another value: --set targets.rto=5s (repeatable)',
  },
  seed: {
    describe: 'Seed of everything that is drawn at random (default 1)',
  },
  runtime: {
    describe: `How the regions are made: ${[AUTO, ...RUNTIME_NAMES].join(' or ')}`,
  },
} as const satisfies Record<string, Argument>;

/** The flags among a verb's arguments, as somebody typed them: a verb may take some for numbers. */
export function flagsOf(args: VerbArguments): DrillFlags {
  const text = (name: string) => {
    const value = args[name] as string | number | undefined;
    return value === undefined ? undefined : String(value);
  };
  return {
    set: [args['set'] ?? []].flat().map(String),
    seed: text('seed'),
    out: text('out'),
    keep: text('keep'),
    runtime: text('runtime'),
    repeat: text('repeat'),
  };
}

/**
 * Every file is read and all their problems shown before the first one is used; with an error among
 * them the answer is the exit code to end with.
 */
export async function readDrills(
  files: readonly string[],
  flags: DrillFlags,
  context: CliContext,
): Promise<DrillRead[] | { readonly exit: number; readonly refused: readonly Refused[] }> {
  const drills: DrillRead[] = [];
  const refused: Refused[] = [];
  for (const word of files) {
    const { file, drill, diagnostics } = await readDrill(word, flags, context);
    if (file !== word) context.screen.stderr.write(`${word} is ${file}\n`);
    writeDiagnostics(diagnostics, context);
    if (drill !== null) drills.push(drill);
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    refused.push({ file, reasons: errors.map((each) => headOf(each)) });
  }
  return drills.length === files.length ? drills : { exit: EXIT.usage, refused };
}

/** Without the line of the source. */
function headOf(diagnostic: Diagnostic): string {
  return formatDiagnostic(diagnostic).split('\n', 1)[0]!;
}

/** Problems on stderr, warnings among them, and how many there are. */
export function writeDiagnostics(
  diagnostics: readonly Diagnostic[],
  { screen, environment }: CliContext,
): void {
  for (const each of diagnostics) {
    const shown = { ...each, message: asCalled(each.message, environment) };
    screen.stderr.write(`${formatDiagnostic(shown)}\n`);
  }
  if (!hasErrors(diagnostics)) return;
  const count = diagnostics.filter(({ severity }) => severity === 'error').length;
  screen.stderr.write(`${count} ${count === 1 ? 'error' : 'errors'}; nothing was started\n`);
}
