// A session of a test: no terminal, nobody to ask, and what it was told.
import type { Session, SessionEvent } from '../../../src/session/session.ts';

export interface TestedSession {
  readonly directory: string;
  readonly interrupt: AbortController;
  readonly kill?: AbortController;
  /** Grows by each event. */
  readonly told: SessionEvent[];
  readonly onEvent?: ((event: SessionEvent) => void) | undefined;
}

export function sessionIn(tested: TestedSession): Session {
  const { directory, interrupt, kill = new AbortController(), told, onEvent } = tested;
  return {
    directory,
    environment: {},
    interrupt: interrupt.signal,
    kill: kill.signal,
    ask: null,
    on: (event) => {
      told.push(event);
      onEvent?.(event);
    },
  };
}
