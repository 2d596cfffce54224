// What a user is told when the parts of a system of containers do not answer while it comes up.
import { EnvironmentError } from '../../host/environment-error.ts';
import { ProgramError } from '../../host/program/program-client.ts';
import { LinkError } from '../../link/link-error.ts';
import { EngineError, isUnreachable, unreachable, type Engine } from './engine.ts';

/** Anything else is a bug in drill, and stays what it is. */
export function bringUpFailure(engine: Engine, error: unknown, logs: string): unknown {
  if (isUnreachable(error)) return unreachable(engine, error);
  const what = partOf(error);
  if (what === null) return error;
  return new EnvironmentError(
    {
      what,
      expected: 'it to do what it was asked while the system came up',
      found: (error as Error).message,
      hint: `read the logs of the containers: ${logs}`,
    },
    { cause: error },
  );
}

function partOf(error: unknown): string | null {
  if (error instanceof EngineError) return 'the docker engine';
  if (error instanceof LinkError) return 'the proxy server';
  return error instanceof ProgramError ? 'a program in a container' : null;
}
