// `drill doctor`: can drills run on this machine, and what to do where they cannot.
import { examine, isSick } from '../doctor/examine.ts';
import type { Examined, Needs } from '../doctor/check.ts';
import { findingLines } from '../doctor/lines.ts';
import { DOCTOR_CHECKS } from '../doctor/registry.ts';
import { hasErrors } from '../drill/diagnostic.ts';
import { hostClock } from '../host/clock.ts';
import { EXIT } from './exit-code.ts';
import { needsOf, withImages } from './needs.ts';
import { drillOptions, flagsOf, inspectDrill, writeDiagnostics } from './read-drill.ts';
import { outOption, runsOf } from './runs-of.ts';
import type { CliContext, Verb, VerbArguments } from './verb.ts';

export const doctorVerb: Verb = {
  command: 'doctor [file]',
  summary: 'Check whether drills can run on this machine',
  positionals: {
    file: {
      type: 'string',
      describe: 'A drill file: only what it needs decides; it is checked too',
    },
  },
  options: {
    set: drillOptions.set,
    runtime: drillOptions.runtime,
    out: outOption,
    json: { type: 'boolean', default: false, describe: 'Print the findings as JSON' },
  },
  examples: [
    ['drill doctor', 'every check, a line each, with its fix'],
    ['drill doctor my.yaml --runtime compose', 'what this drill needs with docker compose'],
    ['drill doctor --json', 'the same for another program'],
  ],
  run,
};

async function run(args: VerbArguments, context: CliContext): Promise<number> {
  const { screen } = context;
  const runs = await runsOf(args, context);
  const { needs, drill, images } = await readNeeds(args, context);
  const clock = hostClock();
  const environment = withImages(context.environment, images);
  const examined = await examine(DOCTOR_CHECKS, { environment, clock, runs, needs });
  if (drill !== null) examined.push(drill);
  const isWell = !isSick(examined);
  if (args['json'] === true) {
    const checks = examined.map(({ name, state, needed, found, fix }) => {
      return { name, state, needed, found, fix };
    });
    const report = { schema: 'drill.doctor/1', ok: isWell, runtime: needs.runtime, checks };
    screen.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  } else {
    const lines = findingLines(examined).map((line) => `${line}\n`);
    const what = drill === null ? 'drills' : 'this drill';
    const can = isWell ? 'can run here' : 'cannot run here yet';
    screen.stdout.write(`${lines.join('')}${what} ${can} (runtime ${needs.runtime})\n`);
  }
  return isWell ? EXIT.pass : EXIT.environment;
}

/** Without a file: what a drill without a word of its own on it needs. */
async function readNeeds(
  args: VerbArguments,
  context: CliContext,
): Promise<{
  readonly needs: Needs;
  readonly drill: Examined | null;
  readonly images: Readonly<Record<string, string>>;
}> {
  const { file } = args;
  const { runtime } = flagsOf(args);
  if (typeof file !== 'string') {
    return { needs: needsOf(null, runtime), drill: null, images: {} };
  }
  const { parsed } = await inspectDrill(file, flagsOf(args), context);
  writeDiagnostics(parsed.diagnostics, context);
  const drill = fileFinding(file, hasErrors(parsed.diagnostics));
  const { images } = parsed.settings.compose;
  return { needs: needsOf(parsed.drill, runtime), drill, images };
}

function fileFinding(file: string, isBad: boolean): Examined {
  const seen = { name: 'drill file', needed: true, problem: null };
  if (!isBad) return { ...seen, state: 'ok', found: file, fix: null };
  const fix = `drill check ${file}`;
  return { ...seen, state: 'problem', found: `${file} has errors`, fix };
}
