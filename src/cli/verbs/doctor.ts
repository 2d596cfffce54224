// `drill doctor`: can drills run on this machine, and what to do where they cannot.
import { runsDirectory } from '../../archive/run-directory.ts';
import { asCalled } from '../../screen/command-name.ts';
import { examine, isSick, findingLines } from '../../doctor/examine.ts';
import type { Examined } from '../../topology/machine-check.ts';
import { databaseChecks } from '../../doctor/databases.ts';
import { doctorChecks } from '../../doctor/machine.ts';
import { RUNTIME_NAMES } from '../../drill/file/runtimes.ts';
import { planDrill } from '../../drill/plan/make-plan.ts';
import type { ParsedDrill } from '../../drill/parse-drill.ts';
import { hostClock } from '../../host/clock.ts';
import type { Variables } from '../../topology/runtime.ts';
import { runtimes } from '../../topology/runtimes.ts';
import { count } from '../../screen/text.ts';
import { UserError } from '../../screen/user-error.ts';
import { EXIT } from '../../verdict/exit-code.ts';
import { needsOf, checkRuntimeFiles, runtimeOptions } from '../../session/runtime-of.ts';
import { inspectDrill, inspectWithoutDrill } from '../../session/read.ts';
import { drillOptions, flagsOf, writeDiagnostics } from '../read-drill.ts';
import { mentionLeft } from '../orphans.ts';
import { queueThere } from '../queue-option.ts';
import { outOption } from '../run-options.ts';
import type { CliContext, Verb, VerbArguments } from '../verb.ts';

export const doctorVerb: Verb = {
  command: 'doctor [file]',
  positionals: {
    file: { describe: 'A drill file: checks the file, and only what it needs' },
  },
  options: {
    set: drillOptions.set,
    runtime: drillOptions.runtime,
    out: outOption,
    json: { type: 'boolean', describe: 'Print the findings as JSON' },
  },
  examples: [
    ['drill doctor', 'every check, a line each, with its fix'],
    ['drill doctor --runtime compose', 'what drills need with docker compose'],
    ['drill doctor my.yaml', 'what this drill needs'],
    ['drill doctor --json', 'the same for another program'],
  ],
  run,
};

async function run(args: VerbArguments, context: CliContext): Promise<number> {
  const file = (args['file'] as string | undefined) ?? null;
  const { diagnostics, layers, settings, drill } = await inspect(file, args, context);
  writeDiagnostics(diagnostics, context);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  // What is wrong in the file is a finding; with the rest no drill could be started from here.
  if (errors.some(({ source }) => source !== file)) return EXIT.usage;
  const plan = drill === null ? null : planDrill(drill, settings.seed, '');
  const needs = needsOf(layers.tree, plan);
  await checkRuntimeFiles(needs.runtime, settings, context);
  const options = runtimeOptions(settings, context);
  const environment = RUNTIME_NAMES.reduce<Variables>(
    (known, name) => runtimes[name].environmentOf({ ...options, environment: known }),
    context.environment,
  );
  const shared = { history: settings.history, queue: queueThere(context) };
  const checks = [...(await doctorChecks()), ...databaseChecks(shared)];
  const examined = await examine(checks, {
    environment,
    clock: hostClock(),
    runs: runsDirectory(context.directory, settings.out),
    needs,
  });
  if (file !== null) examined.push(fileFinding(file, errors.length > 0));
  const what = file === null ? 'drills' : 'this drill';
  tell(examined, { what, runtime: needs.runtime, isJson: args['json'] === true }, context);
  const runs = runsDirectory(context.directory, settings.out);
  if (file === null) await mentionLeft(runs, context);
  return isSick(examined) ? EXIT.environment : EXIT.pass;
}

/** Without a file: what a drill without a word of its own on it has from the other sources. */
async function inspect(
  file: string | null,
  args: VerbArguments,
  context: CliContext,
): Promise<ParsedDrill> {
  if (file !== null) return (await inspectDrill(file, flagsOf(args), context)).parsed;
  if (args['set'] !== undefined) {
    throw new UserError('--set gives a key of a drill file another value, and no file is named', {
      hint: 'drill doctor FILE --set KEY=VALUE',
    });
  }
  return await inspectWithoutDrill(flagsOf(args), context);
}

function tell(
  examined: readonly Examined[],
  { what, runtime, isJson }: { what: string; runtime: string; isJson: boolean },
  { screen, environment }: CliContext,
): void {
  const isWell = !isSick(examined);
  if (isJson) {
    const checks = examined.map(({ name, state, needed, found, fix }) => {
      return { name, state, needed, found, fix };
    });
    const report = { schema: 'drill.doctor/1', ok: isWell, runtime, checks };
    screen.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    return;
  }
  const lines = findingLines(examined).map((line) => `${asCalled(line, environment)}\n`);
  const can = isWell ? 'can run here' : 'cannot run here yet';
  const warned = examined.filter(({ state, needed }) => needed && state === 'warning').length;
  const but = warned === 0 ? '' : `, with ${count(warned, 'warning')}`;
  screen.stdout.write(`${lines.join('')}${what} ${can} (runtime ${runtime})${but}\n`);
}

function fileFinding(file: string, isBad: boolean): Examined {
  const seen = { name: 'drill file', needed: true, problem: null };
  if (!isBad) return { ...seen, state: 'ok', found: file, fix: null };
  const fix = `drill check ${file}`;
  return { ...seen, state: 'problem', found: `${file} has errors`, fix };
}
