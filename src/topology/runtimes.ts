// Every runtime, in the order in which they are listed. An entry is light: what it does is loaded
// when it is asked for.
import type { RuntimeName } from '../drill/file/runtimes.ts';
import { attached } from './attached/entry.ts';
import { compose } from './compose/entry.ts';
import { embedded } from './embedded/entry.ts';
import type { Runtime, RuntimeOptions } from './runtime.ts';
import type { SystemMaker } from './system/system.ts';

export const runtimes: Readonly<Record<RuntimeName, Runtime>> = { embedded, compose, attached };

/** The runtime of that name, as a run wants it. */
export function systemMaker(name: RuntimeName, options: RuntimeOptions): SystemMaker {
  return { up: (context) => runtimes[name].up(context, options) };
}
