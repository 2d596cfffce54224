// `drill doctor`: can drills run on this machine, and what to do where they cannot.
import { hasErrors } from '../drill/diagnostic.ts';
import { examine, type Examined } from '../doctor/examine.ts';
import { DOCTOR_CHECKS } from '../doctor/registry.ts';
import { hostClock } from '../host/clock.ts';
import { EXIT } from './exit-code.ts';
import { flagsOf, inspectDrill, writeDiagnostics } from './read-drill.ts';
import type { Verb } from './verb.ts';

const SIGNS = { ok: 'ok     ', warning: 'warning', problem: 'PROBLEM' } as const;

export const doctorVerb: Verb = {
  command: 'doctor [file]',
  summary: 'Check whether drills can run on this machine',
  positionals: {
    file: { type: 'string', describe: 'A drill file that is to be run; it is checked too' },
  },
  options: {
    json: { type: 'boolean', default: false, describe: 'Print the findings as JSON' },
  },
  examples: [
    ['drill doctor', 'every check, a line each, with its fix'],
    ['drill doctor --json', 'the same for another program'],
  ],
  async run(args, context) {
    const { screen, environment } = context;
    const examined = await examine(DOCTOR_CHECKS, { environment, clock: hostClock() });
    const { file } = args;
    if (typeof file === 'string') {
      const { diagnostics } = (await inspectDrill(file, flagsOf({}), context)).parsed;
      writeDiagnostics(diagnostics, context);
      examined.push(fileFinding(file, hasErrors(diagnostics)));
    }
    const isWell = examined.every(({ state }) => state !== 'problem');
    if (args['json'] === true) {
      const report = { schema: 'drill.doctor/1', ok: isWell, checks: examined };
      screen.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    } else {
      screen.stdout.write(linesOf(examined).join(''));
      screen.stdout.write(isWell ? 'drills can run here\n' : 'drills cannot run here yet\n');
    }
    return isWell ? EXIT.pass : EXIT.environment;
  },
};

function fileFinding(file: string, isBad: boolean): Examined {
  if (!isBad) return { name: 'drill file', state: 'ok', found: file, fix: null };
  const fix = `drill check ${file}`;
  return { name: 'drill file', state: 'problem', found: `${file} has errors`, fix };
}

function linesOf(examined: readonly Examined[]): string[] {
  const width = Math.max(...examined.map(({ name }) => name.length));
  return examined.map(({ name, state, found, fix }) => {
    const advice = fix === null ? '' : `; fix: ${fix}`;
    return `${SIGNS[state]}  ${name.padEnd(width)}  ${found}${advice}\n`;
  });
}
