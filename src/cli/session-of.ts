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
    on: (event) => {
      switch (event.type) {
        case 'trial':
          onTrial(event);
          break;
        case 'begun':
          reporter.onPlan?.(event.plan);
          onRun?.(() => leftBehindText(event.place, context));
          break;
        case 'event':
          reporter.onEvent?.(event.event);
          break;
        case 'ended':
          onRun?.(null);
          if (event.result !== null) reporter.onResult?.(event.result, event.place.directory);
          break;
        case 'warning':
          screen.stderr.write(`drill: warning: ${event.text}\n`);
          break;
      }
    },
  };
}
