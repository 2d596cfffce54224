// A session for a verb: its warnings go to stderr, its runs to a reporter, and what a run would
// leave behind is known to whoever ends the process by force.
import type { Reporter } from '../report/reporter.ts';
import type { Session, SessionEvent } from '../session/session.ts';
import { leftBehindText } from './left-behind.ts';
import type { CliContext } from './verb.ts';

/** `onTrial` is told which of several drills comes next. */
export function sessionOf(
  context: CliContext,
  reporter: Reporter,
  onTrial: (trial: Extract<SessionEvent, { type: 'trial' }>) => void = () => {},
): Session {
  const { directory, environment, interrupt, kill, ask, screen, onRun } = context;
  return {
    directory,
    environment,
    interrupt,
    kill,
    ask,
    on: (told) => {
      switch (told.type) {
        case 'trial':
          onTrial(told);
          break;
        case 'begun':
          reporter.onPlan?.(told.plan);
          onRun?.(() => leftBehindText(told.place, context));
          break;
        case 'event':
          reporter.onEvent?.(told.event);
          break;
        case 'ended':
          onRun?.(null);
          if (told.result !== null) reporter.onResult?.(told.result, told.place.directory);
          break;
        case 'warning':
          screen.stderr.write(`drill: warning: ${told.text}\n`);
          break;
      }
    },
  };
}
