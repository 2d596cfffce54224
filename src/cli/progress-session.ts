// A session of several runs whose results are shown together in the end: each is told on stderr as
// it goes.
import type { Plan } from '../drill/plan/plan.ts';
import { progressReporter, shortPath } from '../report/reporters.ts';
import { commandName } from '../screen/command-name.ts';
import type { Session } from '../session/session.ts';
import { sessionOf } from './session-of.ts';
import type { CliContext, VerbArguments } from './verb.ts';

interface ProgressSession {
  readonly session: Session;
  /** After the last run. */
  readonly end: () => Promise<void>;
}

/** `title` is what a run is called while it is made: `run 2 of 3: …`. */
export function progressSession(
  args: VerbArguments,
  context: CliContext,
  { noun, title }: { readonly noun: string; readonly title: (plan: Plan) => string },
): ProgressSession {
  const { stderr } = context.screen;
  const isQuiet = args['quiet'] === true;
  const reporter = progressReporter(stderr, {
    isQuiet,
    commandName: commandName(context.environment),
    showPath: (path) => shortPath(context.directory, path),
  });
  const session = sessionOf(context, reporter, ({ number, of, plan }) => {
    if (of > 1 && !isQuiet) stderr.write(`${noun} ${number} of ${of}: ${title(plan)}\n`);
  });
  return { session, end: async () => await reporter.onEnd?.() };
}
