// `drill selftest`: is the instrument right, on this machine?
import { hostClock } from '../../../host/clock.ts';
import { EXIT } from '../../../verdict/exit-code.ts';
import { selfTest } from '../../../selftest/selftest.ts';
import { version } from '../../../session/version.ts';
import type { CliContext, Verb, VerbArguments } from '../../verb.ts';
import { selfTestText } from './text.ts';

export const selfTestVerb: Verb = {
  command: 'selftest',
  positionals: {},
  options: {
    quick: { type: 'boolean', describe: 'The most important truths alone, in some 15 s' },
    json: { type: 'boolean', describe: 'Print every truth and what was measured of it as JSON' },
  },
  examples: [
    ['drill selftest --quick', 'before numbers of this machine are believed'],
    ['drill selftest --json', 'the same for another program'],
  ],
  run,
};

async function run(args: VerbArguments, context: CliContext): Promise<number> {
  const { screen, environment, interrupt } = context;
  const area = screen.stderr.openArea?.() ?? null;
  const onStep = (title: string, step: number, of: number) => {
    const line = `${step} of ${of}: ${title}`;
    if (area === null) screen.stderr.write(`${line}\n`);
    else area.draw(line);
  };
  try {
    const test = await selfTest({
      isQuick: args['quick'] === true,
      version: version(),
      at: new Date(hostClock().wall()).toISOString(),
      environment,
      signal: interrupt,
      onStep,
    });
    area?.close();
    const { stdout } = screen;
    const text =
      args['json'] === true
        ? `${JSON.stringify(test, null, 2)}\n`
        : selfTestText(test, { columns: stdout.columns(), hasColour: stdout.hasColour });
    stdout.write(text);
    return EXIT[test.verdict];
  } catch (error) {
    if (!interrupt.aborted) throw error;
    screen.stderr.write('drill: stopped; nothing was left behind\n');
    return EXIT.interrupted;
  } finally {
    area?.close();
  }
}
