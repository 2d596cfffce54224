// What the faults on the GSLB have in common. There is one GSLB, so that no drill file names it.
import { name } from '../../planned.ts';

/** The GSLB among the parts of a run; it is of no region. */
export const GSLB = 'gslb';

export const ON_GSLB = {
  target: 'gslb' as const,
  settings: {},
  planned: { node: name },
  plan: () => ({ node: GSLB }),
  needs: () => ['disturb-gslb'] as const,
  words: () => [GSLB],
};
