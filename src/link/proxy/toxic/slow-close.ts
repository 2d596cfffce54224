// Passes data at once, and the end of the data only `delay` milliseconds later.
import { passThrough, type ToxicKind } from '../toxic.ts';

export const slowClose: ToxicKind = {
  type: 'slow_close',
  defaults: { delay: 0 },
  begin: ({ delay = 0 }, { output }) => {
    let timer: NodeJS.Timeout | null = null;
    const discard = () => {
      if (timer !== null) clearTimeout(timer);
      timer = null;
    };
    const end = () => {
      discard();
      output.end();
    };
    return {
      ...passThrough(output),
      end: () => {
        timer = setTimeout(end, Math.max(0, delay));
      },
      release: () => {
        if (timer !== null) end();
      },
      discard,
    };
  },
};
