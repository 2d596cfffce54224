// `drill restore`: is the backup that you have one that you can come back from?
import { restoresIn } from '../../../archive/restores.ts';
import { Interruption } from '../../../engine/frame/context.ts';
import { UserError } from '../../../screen/user-error.ts';
import { cleanBrokenOff } from '../../../session/clean.ts';
import { runsIn } from '../../../session/place.ts';
import { writeRestore } from '../../../session/restore/judge-restore.ts';
import { readRestore, runRestore } from '../../../session/restore/restore-drill.ts';
import { EXIT } from '../../../verdict/exit-code.ts';
import { writeDiagnostics } from '../../read-drill.ts';
import { outOption } from '../../run-options.ts';
import { leftBehindText } from '../../session-of.ts';
import type { CliContext, Verb, VerbArguments } from '../../verb.ts';
import { restoreText } from './text.ts';

export const restoreVerb: Verb = {
  command: 'restore <file>',
  positionals: { file: { describe: 'A restore file: which backup, and what has to be in it' } },
  options: {
    json: { type: 'boolean', describe: 'Print the result as JSON' },
    out: outOption,
  },
  examples: [
    ['drill restore drills/attached/backup.yaml', 'last night’s backup, in a sandbox'],
    ['drill restore backup.yaml --json', 'the same for another program'],
  ],
  run,
};

async function run(args: VerbArguments, context: CliContext): Promise<number> {
  const { screen, interrupt, onRun } = context;
  const { read, diagnostics } = await readRestore(String(args['file']), context);
  writeDiagnostics(diagnostics, context);
  if (read === null) return EXIT.usage;
  const out = args['out'] as string | undefined;
  const runs = await runsIn(context, out, (line) => screen.stderr.write(`${line}\n`));
  for (const { run: id, left } of await cleanBrokenOff(restoresIn(runs), context)) {
    const words = left.length === 0 ? 'cleaned up' : `not cleaned up: ${left.join('; ')}`;
    screen.stderr.write(`drill: ${id} had broken off: ${words}\n`);
  }
  const area = screen.stderr.openArea?.() ?? null;
  const onStep = (title: string) => {
    if (area === null) screen.stderr.write(`${title}\n`);
    else area.draw(title);
  };
  try {
    const { result, place } = await runRestore(
      { ...read, runs, onStep, onBegun: (begun) => onRun?.(() => leftBehindText(begun, context)) },
      context,
    );
    area?.close();
    const { stdout, stderr } = screen;
    const isJson = args['json'] === true;
    stdout.write(isJson ? writeRestore(result) : restoreText(result, stdout.hasColour));
    stderr.write(`${place.directory}\n`);
    return EXIT[result.verdict];
  } catch (error) {
    const { aborted, reason } = interrupt as { aborted: boolean; reason: unknown };
    const isStopped = aborted && !(reason instanceof Interruption && reason.kind === 'bug');
    if (!isStopped || error instanceof UserError) throw error;
    screen.stderr.write('drill: stopped; nothing was left behind\n');
    return EXIT.interrupted;
  } finally {
    area?.close();
    onRun?.(null);
  }
}
