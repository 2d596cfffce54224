// Service as clients saw it, who write to all stores: the recovery, and the steady state that it is
// compared with.
import type { Recovery } from '../../drill/measurement.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { mergeOperations } from '../../evidence/ledger/operation-columns.ts';
import { doubt, measured, type Measured } from '../measured.ts';
import { harmOf, withoutHarmed } from '../operations/harm.ts';
import { ledgersOf, nameOf } from '../operations/ledgers.ts';
import { steadyWindowOf, type Disaster } from '../timeline.ts';
import { ofStore } from '../words.ts';
import { recoveryOf } from './recovery.ts';
import { scheduleDoubts, steadyDoubts, watchDoubts } from './schedule-doubts.ts';
import { steadyOf, type Steady } from './steady.ts';

interface Service {
  readonly recovery: Recovery | null;
  readonly steady: Steady | null;
}

/** `evidence` has the operations of the drill only. */
export function measureService(evidence: Evidence, disaster: Disaster): Measured<Service> {
  const { plan, events, stores } = evidence;
  const ledgers = ledgersOf(evidence, 'drill');
  if (ledgers === null) {
    const lacking = stores.filter(({ operations }) => operations === null);
    const doubts = lacking.map(({ store }) =>
      doubt('all', ofStore(nameOf(store, evidence), 'There is no readable ledger.')),
    );
    return measured({ recovery: null, steady: null }, doubts);
  }
  const asSeen = mergeOperations(ledgers.map((ledger) => ledger.operations));
  const steadyWindow = steadyWindowOf(events);
  const rules = { sustain: plan.sustain, timeout_ms: plan.workload.timeout_ms };
  const steady = steadyWindow === null ? null : steadyOf(asSeen, steadyWindow, rules);
  const doubts = [
    ...steadyDoubts(evidence, ledgers, steady),
    ...scheduleDoubts(plan, ledgers, steadyWindow?.from_ms ?? disaster.started_ms),
  ];
  if (steady === null || steadyWindow === null) {
    return measured({ recovery: null, steady }, doubts);
  }
  const operations = withoutHarmed(asSeen, harmOf(events, disaster));
  const nodes = ledgers.map((ledger) => ledger.nodes);
  const inputs = { plan, events, operations, asSeen, nodes, disaster, steady, steadyWindow };
  const recovery = recoveryOf(inputs);
  const watched = { ...recovery, within_ms: recovery.steady?.within_ms ?? steady.within_ms };
  const watch = { ...disaster, name: 'the disaster' };
  return measured({ recovery, steady }, [...doubts, ...watchDoubts(plan, ledgers, watched, watch)]);
}
