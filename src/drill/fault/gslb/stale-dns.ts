// stale-dns: DNS goes on answering what it answered when the fault came, as resolvers do that keep
// answers for too long. The GSLB goes on checking, and nobody is told what it sees.
import { defineFault, NO_EFFECT } from '../fault.ts';
import { ON_GSLB } from './gslb.ts';

export const staleDns = defineFault({
  ...ON_GSLB,
  summary: 'DNS goes on answering as it did, whatever health checks and redirects say',
  proof: 'The serial of what DNS answers stands still while the GSLB’s own grows.',
  ends: 'It answers as it should after so long. Default: after the recovery.',
  effect: () => NO_EFFECT,
  phrase: () => 'DNS goes on answering as it does then',
});
