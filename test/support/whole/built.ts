// Modules of the built product, for tests that drive its parts in this process: the programs that
// these start are the compiled ones, as they are for a user.
import { ROOT } from './drill-cli.ts';

/** `path` as under `dist/`, `T` the type of the source module. `npm test` builds first. */
export async function built<T>(path: string): Promise<T> {
  return (await import(new URL(`dist/${path}`, `file://${ROOT}`).href)) as T;
}
