// What happened between the fault and lasting service: the marks, and the phases between them.
import { OWN_SYSTEM } from '../../drill/names.ts';
import { MARK_NAMES, PHASE_NAMES, type PhaseName, type Recovery } from '../../drill/measurement.ts';
import { isSeen, storesOf, type Strategy } from '../../drill/plan/plan.ts';
import type { EventName } from '../../evidence/event.ts';
import { ceilGrain, floorGrain } from '../grain.ts';
import type { Disaster, EventOf, Timeline } from '../timeline.ts';

type Marks = Recovery['marks'];

/**
 * The marks as they happened until the workload stopped, since what came later belongs to the
 * failback; null: never, or there is none of the kind. What health checks see of a planned move or
 * of an operator's mistake is recovery at work and no detection, and where both regions serve
 * nothing is promoted. `clients` is what their side knows.
 */
export function marksOf(
  run: Timeline,
  disaster: Disaster,
  clients: Pick<Marks, 'first_success' | 'sustained'>,
): Marks {
  const { plan } = run;
  const cut_ms = run.cut() ?? Infinity;
  const since = <N extends EventName>(name: N) =>
    run.all(name).filter(({ t }) => t >= disaster.started_ms && t < cut_ms);
  const isLost = ({ region }: { region: string }) => region === disaster.region;
  const isPromoted = plan.strategy !== 'active-active';
  // Each server of somebody's own system is watched: one that comes back is no failover.
  const before = run.all('server.seen').findLast(({ state, t }) => {
    return state === 'primary' && t < disaster.started_ms;
  });
  const takes = since('database.writable').filter(({ node }) => node !== before?.node);
  const writable = untilAllWere(takes, storesOf(plan).length);
  // Somebody's word of a step, which drill saw to be so.
  const marked = (name: EventOf<'step.marked'>['mark']) =>
    since('step.marked').find(({ mark, ok }) => ok && mark === name)?.t ?? null;
  return {
    fault_started: disaster.started_ms,
    detected: isSeen(plan) ? (since('region.down').find(isLost)?.t ?? null) : null,
    declared: since('disaster.declared')[0]?.t ?? null,
    fenced: since('fence.proved')[0]?.t ?? marked('fenced'),
    writable: isPromoted ? earlier(writable, marked('writable')) : null,
    app_ready: since('app.ready').find((event) => !isLost(event))?.t ?? null,
    redirected: since('gslb.redirected').find((event) => !isLost(event))?.t ?? marked('redirected'),
    ...clients,
  };
}

/** Looks come every so often: a server that was seen to take writes may have done so before. */
function earlier(seen: number | null, marked: number | null): number | null {
  return seen === null || marked === null ? (seen ?? marked) : Math.min(seen, marked);
}

/** When the last of so many nodes was there for the first time; null: not all of them were. */
function untilAllWere(
  events: readonly { readonly node: string; readonly t: number }[],
  nodes: number,
): number | null {
  const firsts = new Map<string, number>();
  for (const { node, t } of events) if (!firsts.has(node)) firsts.set(node, t);
  return firsts.size < nodes ? null : Math.max(...[...firsts.values()].slice(0, nodes));
}

/**
 * Cuts the time from the fault to `close_ms` at the marks: a boundary is min(close, max(the one
 * before, its mark)), so that the phases add up to close − fault exactly. Without a close they go
 * as far as the marks do; a phase whose last mark never came is null.
 */
export function phasesOf(
  marks: Marks,
  close_ms: number | null,
  strategy: Strategy,
): Recovery['phases'] {
  const start = floorGrain(marks.fault_started!);
  const close = close_ms === null ? Infinity : Math.max(start, ceilGrain(close_ms));
  let before = start;
  return PHASE_NAMES.map((phase, at) => {
    const name = phase === 'promote' ? promotionIn(strategy, marks) : phase;
    const isLast = at === PHASE_NAMES.length - 1;
    const mark = isLast ? close_ms : marks[MARK_NAMES[at + 1]!];
    if (mark === null) return { name, ms: null };
    const boundary = isLast ? close : Math.min(close, Math.max(before, floorGrain(mark)));
    const ms = boundary - before;
    before = boundary;
    return { name, ms };
  });
}

/** From outside a failover is one thing, unless a step of it was seen to end the fence. */
function promotionIn(strategy: Strategy, { fenced }: Pick<Marks, 'fenced'>): PhaseName {
  if (strategy === 'backup-restore') return 'restore';
  return strategy === OWN_SYSTEM && fenced === null ? 'failover' : 'promote';
}
