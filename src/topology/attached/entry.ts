// The runtime of systems that somebody else runs: nothing is made of them, and nothing is kept.
import { EnvironmentError } from '../../host/environment-error.ts';
import type { Runtime } from '../runtime.ts';
import { commandUndo, ownTablesUndo } from './undo.ts';

function nothingKept(): EnvironmentError {
  return new EnvironmentError({
    what: 'a system of your own (runtime: attached)',
    expected: 'to be drilled where it is',
    found: 'that it is to stay up as one of drill’s',
    hint: 'drill run attaches to it, and leaves it as it was',
  });
}

export const attached: Runtime = {
  checks: () => Promise.resolve([]),
  environmentOf: ({ environment }) => environment,
  checkFiles: () => Promise.resolve(),
  up: async (context, { environment }) => {
    const { attach } = await import('./bring-up.ts');
    return await attach(context, environment);
  },
  hold: null,
  reuse: () => Promise.reject(nothingKept()),
  startAgain: () => Promise.reject(nothingKept()),
  adminOf: () => Promise.resolve(null),
  steering: () => Promise.reject(nothingKept()),
  undo: [ownTablesUndo, commandUndo],
  remains: null,
};
