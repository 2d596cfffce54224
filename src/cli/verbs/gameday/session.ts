// A session for the drills of a game day.
import type { DaySession } from '../../../gameday/day/run-day.ts';
import { commandName } from '../../../screen/command-name.ts';
import { progressSession } from '../../progress-session.ts';
import type { CliContext, VerbArguments } from '../../verb.ts';

/** Its drills are told on stderr, as they go. */
export function daySession(args: VerbArguments, context: CliContext, tell: DaySession['tell']) {
  const title = { noun: 'trial', title: ({ name }: { readonly name: string }) => name };
  const { session, end } = progressSession(args, context, title);
  const own: DaySession = {
    ...session,
    onDay: () => {},
    tell,
    onAsked: ({ id }) => {
      const command = `${commandName(context.environment)} gameday approve ${id}`;
      context.screen.stderr.write(`waiting for somebody to agree: ${command}\n`);
    },
  };
  return { session: own, end };
}
