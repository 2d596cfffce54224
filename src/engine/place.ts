// A place for the regions of one run after another. It has a run directory of its own, with an undo
// log: whoever cleans up after a runner that was killed finds there what it has on the machine.
import type { UpContext } from '../topology/system/system.ts';
import { prepare } from './begin/begin.ts';
import { openRun, type OpenOptions } from './begin/open-run.ts';
import { endScope } from './end.ts';
import { reportFailure } from './frame/failure.ts';

export interface OpenPlace {
  readonly context: UpContext;
  /** Undoes all that is in it; resolves to what could not be undone, in words. */
  close(): Promise<readonly string[]>;
}

/** Rejects where not even its directories could be made. */
export async function openPlace(options: OpenOptions): Promise<OpenPlace> {
  const { run, recorder, close: closeRun } = openRun(options);
  const close = async () => {
    const left = await endScope(run);
    await closeRun();
    recorder.close(null);
    return left;
  };
  try {
    await prepare(run);
    return { context: { ...run, defer: run.scope.defer.bind(run.scope) }, close };
  } catch (error) {
    reportFailure(run, error);
    await close();
    throw error;
  }
}
