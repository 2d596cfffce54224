// A session for the drills of a game day.
import type { DaySession } from '../../../gameday/day/run-day.ts';
import { progressReporter, shortPath } from '../../../report/reporters.ts';
import { commandName } from '../../../screen/command-name.ts';
import { sessionOf } from '../../session-of.ts';
import type { CliContext, VerbArguments } from '../../verb.ts';

/** Its drills are told on stderr, as they go. */
export function daySession(args: VerbArguments, context: CliContext) {
  const { stderr } = context.screen;
  const isQuiet = args['quiet'] === true;
  const reporter = progressReporter(stderr, {
    isQuiet,
    commandName: commandName(context.environment),
    showPath: (path) => shortPath(context.directory, path),
  });
  const session: DaySession = {
    ...sessionOf(context, reporter, ({ number, of, plan }) => {
      if (of > 1 && !isQuiet) stderr.write(`trial ${number} of ${of}: ${plan.name}\n`);
    }),
    onDay: () => {},
    onAsked: ({ id }) => {
      const command = `${commandName(context.environment)} gameday approve ${id}`;
      stderr.write(`waiting for somebody to agree: ${command}\n`);
    },
  };
  return { session, end: async () => await reporter.onEnd?.() };
}
