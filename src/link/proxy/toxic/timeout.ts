// Lets nothing through, and closes the connection after `timeout` milliseconds without data (0:
// never).
import type { ToxicKind } from '../toxic.ts';

export const timeout: ToxicKind = {
  type: 'timeout',
  defaults: { timeout: 0 },
  isClosingOnRemoval: true,
  begin: ({ timeout = 0 }, { output }) => {
    let timer: NodeJS.Timeout | undefined;
    const stop = () => clearTimeout(timer);
    const restart = () => {
      stop();
      if (timeout > 0) timer = setTimeout(() => output.close(), timeout);
    };
    restart();
    return {
      take: restart,
      end: () => {
        stop();
        output.end();
      },
      release: stop,
      discard: stop,
      isFull: () => false,
    };
  },
};
