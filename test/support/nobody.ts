// Nobody stands beside the run: a question waits until it is taken back.
import type { Operator } from '../../src/engine/frame/context.ts';

const never = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const end = () => reject(signal.reason as Error);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });

export const nobody: Operator = {
  ask: (_, signal) => never(signal),
  holdAsked: () => null,
  release: never,
};
