// Service as clients of all stores saw it: the recovery, and the steady state before it.
import type { Recovery } from '../../drill/measurement.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { mergeOperations } from '../../evidence/ledger/operation-columns.ts';
import { doubts, measured, type Measured } from '../measured.ts';
import { harmOf, withoutHarmed } from '../operations/harm.ts';
import { ledgersOf, nameOf } from '../operations/slices.ts';
import type { Disaster, Timeline } from '../timeline.ts';
import { ofStore } from '../words.ts';
import { recoveryOf } from './recovery.ts';
import { scheduleDoubts, steadyDoubts, watchDoubts } from './schedule-doubts.ts';
import { steadyOf, type Steady } from './steady.ts';

interface Service {
  readonly recovery: Recovery | null;
  readonly steady: Steady | null;
}

/** `evidence` has the operations of the drill only. */
export function measureService(
  evidence: Evidence,
  run: Timeline,
  disaster: Disaster,
): Measured<Service> {
  const { plan } = run;
  const ledgers = ledgersOf(evidence, run, 'drill');
  if (ledgers === null) {
    const lacking = evidence.stores.filter(({ operations }) => operations === null);
    const reasons = lacking.map(({ store }) =>
      ofStore(nameOf(store, evidence), 'There is no readable ledger.'),
    );
    return measured({ recovery: null, steady: null }, doubts('all', reasons));
  }
  const asSeen = mergeOperations(ledgers.map((ledger) => ledger.operations));
  const window = run.steady;
  const rules = { sustain: plan.sustain, timeout_ms: plan.workload.timeout_ms };
  const steady = window === null ? null : steadyOf(asSeen, window, rules);
  const before = [
    ...steadyDoubts(run, ledgers, steady),
    ...scheduleDoubts(plan, ledgers, window?.from_ms ?? disaster.started_ms),
  ];
  if (steady === null || window === null) return measured({ recovery: null, steady }, before);
  const operations = withoutHarmed(asSeen, harmOf(run, disaster));
  const nodes = ledgers.map((ledger) => ledger.nodes);
  const recovery = recoveryOf({ run, operations, asSeen, nodes, disaster, steady, window });
  const within_ms = recovery.steady?.within_ms ?? steady.within_ms;
  const { rto, outages } = recovery;
  const { started_ms, injected_ms } = disaster;
  const times = { within_ms, started_ms, injected_ms };
  const after = watchDoubts({ plan, ledgers, rto, outages, ...times, name: 'the disaster' });
  return measured({ recovery, steady }, [...before, ...after]);
}
