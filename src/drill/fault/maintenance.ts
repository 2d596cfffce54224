// maintenance: nothing is broken. A region is to be taken out of service on purpose, and service
// has to move before; the clock starts when that begins.
import { defineFault, NO_EFFECT, regionSetting } from './fault.ts';

export const maintenance = defineFault({
  summary: 'nothing breaks: a region is to be taken out of service, and service has to move',
  proof: 'Nothing is broken: the primary must see a standby that follows, to which to go.',
  target: 'region',
  settings: { region: regionSetting },
  planned: {},
  ends: null,
  recovery: 'switch-over',
  plan: () => ({}),
  effect: () => ({ ...NO_EFFECT, service: 'lost', heals: false }),
  needs: () => ['replication'],
  phrase: () => 'nothing breaks: the region is to be taken out of service',
  words: () => [],
});
