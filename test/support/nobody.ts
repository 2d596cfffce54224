// Nobody stands beside the run: a question waits until it is taken back.
import type { AskOperator } from '../../src/engine/frame/context.ts';

export const nobody: AskOperator = (_, signal) =>
  new Promise((_resolve, reject) => {
    const end = () => reject(signal.reason as Error);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
