// What stands beside the numbers of a run, whatever they are: what was broken and when, what it ran
// on, and how much its stores held.
import type { FaultFacts, StoreFacts, WatchFacts } from '../../drill/run-facts.ts';
import type { MachineFacts } from '../../host/machine/machine-facts.ts';
import { definitionOf, isOfOperators, type PlannedFault } from '../../drill/fault/registry.ts';
import type { Plan } from '../../drill/plan/plan.ts';
import { STORES } from '../../drill/stores.ts';
import type { Timeline } from '../timeline.ts';
import { rounded } from './monthly-cost.ts';

/** Every fault that was begun, in the order in which they were. */
export function faultsIn(run: Timeline): FaultFacts[] {
  return run.all('fault.started').map(({ index, kind, region, disaster, t }) => {
    const fault = run.plan.faults.find((each) => each.index === index);
    const injected = run.injected(index);
    return {
      index,
      kind,
      ...(fault === undefined ? { target: region, how: [] } : hitBy(fault)),
      disaster,
      ...momentOf(run.plan, fault),
      started_ms: t,
      started_at: wallTime(run, t),
      injected_ms: injected?.t ?? null,
      healed_ms: run.healed(index)?.t ?? null,
      detail: injected?.detail ?? '',
    };
  });
}

/** What it hits, and its own settings without that name. */
export function hitBy(fault: PlannedFault): Pick<FaultFacts, 'target' | 'how'> {
  const how = definitionOf(fault.kind).words(fault);
  const target = 'link' in fault ? fault.link : 'node' in fault ? fault.node : null;
  if (target === null) return { target: fault.region, how };
  const rest = how.map((words) => words.replace(target, '').trim());
  return { target, how: rest.filter((words) => words !== '') };
}

function momentOf({ trial }: Plan, fault: PlannedFault | undefined) {
  if (fault === undefined || fault.beforehand || isOfOperators(fault.kind)) return { at_ms: null };
  const { at_ms, drawn_from } = fault;
  const moved = trial && { by_ms: trial.moved_ms, within_ms: trial.within_ms };
  return {
    at_ms,
    ...(drawn_from === undefined ? {} : { drawn_from }),
    ...(moved === undefined || moved.within_ms === 0 ? {} : { moved }),
  };
}

/** The wall clock at a moment of the run; null where the run does not say when it began. */
function wallTime(run: Timeline, t: number): string | null {
  const started = run.first('run.started');
  if (started === undefined) return null;
  const at = Date.parse(started.at) + t - started.t;
  return Number.isNaN(at) ? null : new Date(Math.round(at)).toISOString();
}

/** Null in a run of before it was recorded. */
export function machineIn(run: Timeline): MachineFacts | null {
  const described = run.first('machine.described');
  if (described === undefined) return null;
  const { t: _, event: __, ...machine } = described;
  return machine;
}

/** Null where drill looks at no server of somebody's own, or was killed meanwhile. */
export function watchIn(run: Timeline): WatchFacts[] | null {
  const ended = run.last('watch.ended');
  if (ended === undefined || ended.over_ms <= 0) return null;
  const { over_ms, nodes } = ended;
  return nodes.map(({ node, statements, spent_ms, waited_ms }) => {
    return {
      node,
      statements_per_s: rounded((1_000 * statements) / over_ms),
      core_share: rounded(spent_ms / over_ms),
      core_share_high: rounded(waited_ms / over_ms),
    };
  });
}

/** Empty where nobody asked them. */
export function storesIn(run: Timeline): StoreFacts[] {
  return run.all('store.described').map(({ store, node, version, bytes, rows }) => {
    return { store: STORES[store].written, node, version, bytes, rows };
  });
}
