// Modules of the built product, for tests that drive its parts in this process: the programs that
// these start are the compiled ones, as they are for a user.
import type * as FailureModule from '../../../src/host/operation-failed.ts';
import { ROOT } from './drill-cli.ts';

/** `path` as under `dist/`, `T` the type of the source module. `npm test` builds first. */
export async function built<T>(path: string): Promise<T> {
  return (await import(new URL(`dist/${path}`, `file://${ROOT}`).href)) as T;
}

/** Rejects as the world does for the built product, and not as a bug of drill's own. */
export async function worldFails(words: string): Promise<never> {
  const { OperationFailed } = await built<typeof FailureModule>('host/operation-failed.js');
  throw new OperationFailed({ what: 'the world', expected: 'better', found: words }, { words });
}
