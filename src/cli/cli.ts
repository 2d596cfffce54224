// The command line as a function: words in, text and an exit code out. It finds the verb, prints
// help, and turns errors that are the user's to mend into one clear message; anything else it
// throws is a bug.
import { guessHint } from '../base/closest.ts';
import { EvidenceError } from '../evidence/evidence-error.ts';
import { EnvironmentError } from '../host/environment-error.ts';
import { machineError, NEEDED } from '../host/machine/machine-error.ts';
import { asCalled, commandName } from '../screen/command-name.ts';
import { makePaint } from '../screen/paint.ts';
import { printable } from '../screen/text.ts';
import { UserError } from '../screen/user-error.ts';
import { colourChoice, readCommandLine } from './command-line.ts';
import { EXIT } from '../verdict/exit-code.ts';
import { parseVerb } from './parse-verb.ts';
import { problemLines } from './tell.ts';
import { generalHelp, verbHelp } from './help.ts';
import type { CliContext, VerbEntry } from './verb.ts';
import { verbs } from './verbs.ts';
import { version } from '../session/version.ts';

export async function runCli(argv: readonly string[], context: CliContext): Promise<number> {
  try {
    return await dispatch(argv, context);
  } catch (error) {
    const code = tell(error, context);
    if (code === null) throw error;
    return code;
  }
}

async function dispatch(argv: readonly string[], context: CliContext): Promise<number> {
  colourChoice(argv); // for its complaint: the screen was made before there was a place to say it
  const line = readCommandLine(argv);
  const { stdout, stderr } = context.screen;
  const command = commandName(context.environment);
  if (line.wantsVersion) {
    stdout.write(`${version()}\n`);
    return EXIT.pass;
  }
  if (line.verb === null) {
    // Without a verb nothing was judged, and 0 would read as a pass in CI.
    const output = line.wantsHelp ? stdout : stderr;
    const help = generalHelp(output.columns(), makePaint(output.hasColour), command);
    output.write(help);
    return line.wantsHelp ? EXIT.pass : EXIT.usage;
  }
  const entry = findVerb(line.verb);
  const verb = await entry.load();
  if (line.wantsHelp) {
    const paint = makePaint(stdout.hasColour);
    stdout.write(verbHelp({ verb, entry, command }, stdout.columns(), paint));
    return EXIT.pass;
  }
  return await verb.run(parseVerb(verb, line.rest), context);
}

function findVerb(name: string): VerbEntry {
  const entry = verbs.find((each) => each.name === name);
  if (entry !== undefined) return entry;
  const guess = guessHint(
    name,
    verbs.map((each) => each.name),
  );
  const isFile = /\.ya?ml$/.test(name);
  throw new UserError(`there is no verb "${printable(name)}"${guess}`, {
    hint: isFile ? `drill run ${name}` : 'drill --help',
  });
}

/** Null where the error is not for the user. */
function tell(error: unknown, { screen, environment }: CliContext): number | null {
  const { stderr } = screen;
  const paint = makePaint(stderr.hasColour);
  const label = paint('bad', 'drill:');
  if (error instanceof UserError) {
    stderr.write(`${label} ${asCalled(error.message, environment)}\n`);
    if (error.hint !== null) stderr.write(`  try: ${asCalled(error.hint, environment)}\n`);
    return error.exitCode;
  }
  if (error instanceof EvidenceError) {
    stderr.write(`${label} ${error.message}\n`);
    return EXIT.inconclusive;
  }
  const lack = error instanceof EnvironmentError ? error : machineError(error, NEEDED);
  if (lack === null) return null;
  stderr.write(problemLines(lack.problem, paint, environment));
  return EXIT.environment;
}
