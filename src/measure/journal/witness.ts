// What a witness that did not do the killing saw of it, such as a container engine by its own
// events, and whether it saw somebody end it. Not every runtime has one.
import { GSLB } from '../../drill/fault/gslb/gslb.ts';
import { hits, type PlannedFault } from '../../drill/fault/registry.ts';
import { runtimeFacts } from '../../drill/file/runtimes.ts';
import { layoutOf } from '../../drill/plan/layout.ts';
import { doubt } from '../measured.ts';
import { nameOfFault, notLasting } from '../operations/lasting.ts';
import { roundGrain } from '../grain.ts';
import type { Doubt } from '../../drill/measurement.ts';
import type { Disaster, EventOf, Timeline } from '../timeline.ts';
import { formatDuration } from '../words.ts';

type Witnessed = EventOf<'node.witnessed'>;

/** What happens to a node as the engine sees it; nothing else touches a container. */
const SEEN_AS = { dead: 'die', frozen: 'pause', isolated: null, untouched: null } as const;

/** What ends that; drill does it only to heal, after a second look at the fault. */
const ENDED_BY = { dead: 'start', frozen: 'unpause', isolated: null, untouched: null } as const;

/** The engine must see each node killed or frozen before the journal calls the fault complete. */
export function witnessDoubts(run: Timeline): Doubt[] {
  const { plan } = run;
  const witness = runtimeFacts(run.first('topology.up')?.runtime)?.witness ?? null;
  if (witness === null) return [];
  return run.all('fault.started').flatMap(({ index, t: started_ms }) => {
    const fault = plan.faults.find((each) => each.index === index);
    const action = fault === undefined ? null : SEEN_AS[fault.effect.region];
    const injected = run.injected(index);
    // That it was not injected is a doubt already.
    if (fault === undefined || action === null || injected === undefined) return [];
    const seen = witnessedOf(run, fault, started_ms, action);
    // The nodes that the region is made of before any recovery.
    const there = layoutOf(plan).filter(({ from }) => from === 'start');
    const nodes = [...there.map(({ node }) => node), GSLB].filter((node) => hits(fault, node));
    const doubts = nodes
      .filter((node) => !seen.some((event) => event.node === node))
      .map((node) => doubt('all', `${witness} never said that ${node} was hit (${action}).`));
    for (const { node, t, error_ms } of seen) {
      const late_ms = t - error_ms - injected.t;
      if (late_ms <= 0) continue;
      const late = `${formatDuration(late_ms)} after the fault was said to be complete`;
      doubts.push(doubt('all', `${witness} saw ${node} hit ${late}.`));
    }
    return [...doubts, ...notLasting(endedReasons(run, fault, injected.t, witness))];
  });
}

/** A look later on does not see it where the fence has killed the node again by then. */
function endedReasons(
  run: Timeline,
  fault: PlannedFault,
  injected_ms: number,
  witness: string,
): string[] {
  const action = ENDED_BY[fault.effect.region];
  const until_ms = lastedUntil(run, fault, injected_ms);
  return witnessedOf(run, fault, injected_ms, action).flatMap(({ node, t, error_ms }) => {
    if (t - error_ms >= until_ms) return [];
    const after = `${formatDuration(Math.max(0, t - injected_ms))} after it was injected`;
    return [`${nameOfFault(fault)} did not last: ${witness} saw ${action} of ${node} ${after}.`];
  });
}

/**
 * Until drill looked at the fault to heal it; of what is frozen until the recovery, since an engine
 * may let a container go on that the fence kills.
 */
function lastedUntil(run: Timeline, { index, effect }: PlannedFault, injected_ms: number): number {
  const looked = run.all('fault.looked').filter((event) => event.index === index);
  const fenced = effect.region === 'frozen' ? run.all('recovery.started') : [];
  const ends = [...looked, ...fenced].map(({ t }) => t).filter((t) => t >= injected_ms);
  return ends.length === 0 ? injected_ms : Math.min(...ends);
}

/** How far apart the first and the last node of a region were hit; null: nobody saw it. */
export function faultSpread(run: Timeline, disaster: Disaster): number | null {
  if (run.injected(disaster.index) === undefined) return null;
  const fault = run.plan.faults.find(({ index }) => index === disaster.index);
  if (fault === undefined || 'node' in fault) return null; // one node is no distance
  const action = SEEN_AS[disaster.effect.region];
  const seen = witnessedOf(run, fault, disaster.started_ms, action);
  const hits = seen.filter(({ t, error_ms }) => t - error_ms <= disaster.injected_ms);
  if (hits.length === 0) return null;
  const times = hits.map(({ t }) => t);
  return roundGrain(Math.max(...times) - Math.min(...times));
}

/** The first time of each node that it hits since the fault began; none without an action. */
function witnessedOf(
  run: Timeline,
  fault: PlannedFault,
  from_ms: number,
  action: Witnessed['action'] | null,
): Witnessed[] {
  const first = new Map<string, Witnessed>();
  for (const event of run.all('node.witnessed')) {
    const isHit = event.action === action && event.t + event.error_ms >= from_ms;
    if (!isHit || !hits(fault, event.node) || first.has(event.node)) continue;
    first.set(event.node, event);
  }
  return [...first.values()];
}
