// Ends the connection with RST on both sides, `timeout` milliseconds after the first data, which is
// dropped.
import type { ToxicKind } from '../toxic.ts';

export const resetPeer: ToxicKind = {
  type: 'reset_peer',
  defaults: { timeout: 0 },
  begin: ({ timeout = 0 }, { output }) => {
    let timer: NodeJS.Timeout | null = null;
    const discard = () => {
      if (timer !== null) clearTimeout(timer);
      timer = null;
    };
    const arm = () => {
      timer ??= setTimeout(() => output.reset(), Math.max(0, timeout));
    };
    return {
      take: arm,
      end: arm,
      // The data is gone already, so the connection cannot go on.
      release: () => {
        if (timer === null) return;
        discard();
        output.reset();
      },
      discard,
      isFull: () => false,
    };
  },
};
