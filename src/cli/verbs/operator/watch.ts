// `drill watch`: a run that somebody else makes, as they see it, until it is over.
import { basename } from 'node:path';
import { findRun, readResult, stateOf } from '../../../archive/run-list.ts';
import { followJournal, RESULT_AT_MOST_MS } from '../../../evidence/follow-journal.ts';
import { readPlan, runFile } from '../../../evidence/run-files.ts';
import { hostClock } from '../../../host/clock.ts';
import { liveReporter } from '../../../report/live/live.ts';
import { asCalled } from '../../../screen/command-name.ts';
import { UserError } from '../../../screen/user-error.ts';
import { EXIT } from '../../../verdict/exit-code.ts';
import type { Result } from '../../../verdict/result.ts';
import { outOption, runPositional, runsOf } from '../../run-options.ts';
import type { CliContext, Verb } from '../../verb.ts';

const LOOK_EVERY_MS = 100;

export const watchVerb: Verb = {
  command: 'watch [run]',
  positionals: { run: runPositional },
  options: { out: outOption },
  examples: [['drill watch', 'the newest run, from another terminal']],
  run: async (args, context) => {
    const runs = await runsOf(args, context);
    const place = findRun(runs, String(args['run']), context.directory);
    const id = basename(place);
    if (stateOf(place) !== 'running') {
      throw new UserError(`${id} is not running`, { hint: `drill show ${id}` });
    }
    const result = await watch(place, context);
    if (result !== null) {
      const said = `${id}: ${result.verdict}; drill show ${id}\n`;
      context.screen.stdout.write(asCalled(said, context.environment));
      return EXIT[result.verdict];
    }
    if (context.interrupt.aborted) return EXIT.interrupted;
    throw new UserError(`${id} ended without a result`, { hint: `drill clean ${id}` });
  },
};

/** Null: it ended without one, or nobody watches any more. */
async function watch(place: string, context: CliContext): Promise<Result | null> {
  const { screen, interrupt } = context;
  const clock = hostClock();
  const reporter = liveReporter(screen.stderr, clock);
  const journal = followJournal(runFile(place, 'journal'));
  try {
    reporter.onPlan?.(readPlan(place), false, { file: place, bytes: new Uint8Array() });
    let made_ms = clock.now();
    while (!interrupt.aborted && clock.now() - made_ms <= RESULT_AT_MOST_MS) {
      if (stateOf(place) === 'running') made_ms = clock.now();
      const events = journal.look();
      for (const event of events) reporter.onEvent?.(event);
      const result = events.length > 0 ? null : readResult(place);
      if (result !== null) {
        reporter.onResult?.(result, place);
        return result;
      }
      await clock.sleep(LOOK_EVERY_MS, interrupt).catch(() => {});
    }
    return null;
  } finally {
    journal.close();
    await reporter.onEnd?.();
  }
}
