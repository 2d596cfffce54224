// How much of what clients asked for was served while the system was hit and recovered.
import { percent } from '../fields.ts';
import { gate, unmeasured } from './gate.ts';

/**
 * The share of all clients' operations due from the disaster to the cut that was served:
 * acknowledged, by data that was not harmed, within the time that counts as served. An operation
 * that was never sent, since its client knew no address, was due and not served. The longer clients
 * are watched once service is back, the higher it is: it compares drills that are watched alike.
 *
 * The interval is as wide as the injection of the disaster lasted: an operation that was due in it
 * may or may not have come after the blow.
 */
export const availability = gate({
  name: 'availability',
  title: 'availability',
  unit: 'share',
  bound: 'at least',
  target: percent('0%', '100%')
    .optional()
    .describe('Share of operations served, at least, from the disaster to the end of the drill.'),
  affectedBy: 'recovery',
  measure: ({ recovery }) => {
    const share = recovery?.availability ?? null;
    if (share !== null) return { interval: share, obstacle: recovery?.stalled_after ?? null };
    return unmeasured('Nobody saw how many operations were served after the disaster.');
  },
});
