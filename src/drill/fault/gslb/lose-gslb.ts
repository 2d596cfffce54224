// lose-gslb: the GSLB stands still. Clients find service by the answers that they have, and by no
// others; no region is seen to be down.
import { defineFault, NO_EFFECT } from '../fault.ts';
import { ON_GSLB } from './gslb.ts';

export const loseGslb = defineFault({
  ...ON_GSLB,
  summary: 'the GSLB stands still: nobody answers over DNS, and nobody checks health',
  proof: 'A question over DNS gets no answer, and whoever runs the GSLB says that it stands still.',
  ends: 'It goes on after so long.',
  effect: () => ({ ...NO_EFFECT, service: 'degraded', region: 'frozen' }),
  phrase: () => 'the GSLB stands still: nobody answers over DNS, and nobody checks health',
});
