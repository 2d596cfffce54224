// The ledger held against the faults: nodes that are dead, stand still or are cut off answer
// nobody, and what a slow link leads to answers nobody soon.
import { regionOf } from '../../base/node-name.ts';
import { PASSED_SHARE } from '../../drill/fault/fault.ts';
import { takesNodes, type PlannedFault } from '../../drill/fault/registry.ts';
import { NO_NODE, OUTCOME } from '../../evidence/ledger/operation.ts';
import type { Doubt } from '../../drill/measurement.ts';
import { delayOf, regionAtEdge, type Plan } from '../../drill/plan/plan.ts';
import { reachOf, type SilentPart } from '../../drill/plan/reach.ts';
import { STORES, type StoreRole } from '../../drill/stores.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { nameOfFault, notLasting } from './lasting.ts';
import type { Span, Timeline } from '../timeline.ts';
import { counted, formatDuration } from '../words.ts';

/** Programs of a run read one clock, each in its own time. */
const CLOCK_MS = 20;

const STATES = { dead: 'dead', frozen: 'standing still', isolated: 'cut off' } as const;

/** What the ledger would contradict. */
interface Silence {
  /** Whether an answer that this node gave to clients of the store is one of those. */
  readonly isBroken: (node: string, store: StoreRole, isAcknowledged: boolean) => boolean;
  /** An answer that came in less time than that is none of the fault's. */
  readonly least_ms: number;
  /** What its nodes were, or the link to them; a part of a sentence in which they answer. */
  readonly words: string;
}

/** `evidence` is that of the drill itself: a region that came back for its failback answers. */
export function silenceDoubts(evidence: Evidence, run: Timeline): Doubt[] {
  const reasons = run.plan.faults.flatMap((fault) => [
    ...answerReasons(evidence, run, fault),
    ...hangUpReasons(evidence, run, fault),
  ]);
  return notLasting(reasons);
}

function answerReasons(evidence: Evidence, run: Timeline, fault: PlannedFault): string[] {
  const silence = silenceOf(fault, run.plan);
  const span = spanOf(run, fault);
  if (silence === null || span === null) return [];
  const answers = evidence.stores.flatMap((store) => answersOf(store, silence, span));
  if (answers.length === 0) return [];
  const after_ms = Math.min(...answers) - span.from_ms;
  return [
    `${nameOfFault(fault)} did not last: while ${silence.words} answered ` +
      `${counted(answers.length, 'operation')} that began after it` +
      `${silence.least_ms === Infinity ? '' : ', sooner than that allows'}, ` +
      `the first ${formatDuration(after_ms)} after it was injected.`,
  ];
}

/**
 * A region that is cut off or stands still hangs up on nobody either, and refuses nobody: whoever
 * asks it waits for as long as a client waits. Said where all clients are in that region, until a
 * recovery moves them, and nothing else ends its connections.
 */
function hangUpReasons(evidence: Evidence, run: Timeline, fault: PlannedFault): string[] {
  const { plan } = run;
  const { region: state } = fault.effect;
  const span = spanOf(run, fault);
  if (span === null || (state !== 'isolated' && state !== 'frozen')) return [];
  if ('node' in fault) return []; // its siblings may hang up on whoever waits for it
  const isOnly = plan.faults.filter(takesNodes).length === 1;
  const hasAll = plan.strategy !== 'active-active' && fault.region === plan.replication.from;
  if (!isOnly || !hasAll) return [];
  const to_ms = Math.min(span.to_ms, run.first('recovery.started')?.t ?? Infinity);
  const least_ms = PASSED_SHARE * plan.workload.timeout_ms;
  const within = { from_ms: span.from_ms, to_ms };
  const ends = evidence.stores.flatMap((store) => endsOf(store, least_ms, within, isNobodys));
  if (ends.length === 0) return [];
  const after_ms = Math.min(...ends) - span.from_ms;
  return [
    `${nameOfFault(fault)} did not last: while its nodes were ${STATES[state]}, ` +
      `${counted(ends.length, 'operation')} that began after it ended without an answer, ` +
      `but sooner than by the timeout of ${formatDuration(plan.workload.timeout_ms)}, ` +
      `the first ${formatDuration(after_ms)} after it was injected.`,
  ];
}

const isNobodys = (_: readonly string[], node: number) => node === NO_NODE;

/** Null where clients need not notice the fault. */
function silenceOf(fault: PlannedFault, plan: Plan): Silence | null {
  const { part, links } = reachOf(fault, plan.replication).silenced;
  if (part !== null) return 'node' in fault ? silenceOfNode(part) : silenceOfRegion(part);
  if (fault.kind === 'latency') return lateness(fault, plan);
  const [link] = links.filter((each) => regionAtEdge(each) !== null);
  if (link === undefined) return null;
  const region = regionAtEdge(link)!;
  const words = `link ${link} let nothing through, nodes of ${region}`;
  return { isBroken: isIn(region), least_ms: Infinity, words };
}

/** Every answer crosses the link twice, and may be late on one way only. */
function lateness(fault: PlannedFault<'latency'>, plan: Plan): Silence | null {
  const { latency_ms, jitter_ms, link, from } = fault;
  const region = regionAtEdge(link);
  if (region === null) return null;
  const each_ms = PASSED_SHARE * (latency_ms - jitter_ms - delayOf(plan, link).jitter_ms);
  const which = from === null ? 'each way' : `for what comes from ${from}`;
  const words = `link ${link} took ${formatDuration(latency_ms)} ${which}, nodes of ${region}`;
  const least_ms = (from === null ? 2 : 1) * each_ms - CLOCK_MS;
  return { isBroken: isIn(region), least_ms, words };
}

function isIn(region: string): Silence['isBroken'] {
  return (node) => regionOf(node) === region;
}

function silenceOfRegion({ name, state }: SilentPart): Silence {
  const words = `its nodes were ${STATES[state]}, they`;
  return { isBroken: isIn(name), least_ms: Infinity, words };
}

/** The app of a region refuses what needs a store that is not there, and acknowledges nothing. */
function silenceOfNode({ name: hit, state }: SilentPart): Silence {
  const isBroken: Silence['isBroken'] = (node, store, isAcknowledged) => {
    const isOfStore = hit === `${regionOf(node)}/${STORES[store].engine}`;
    return node === hit || (isOfStore && isAcknowledged);
  };
  const words = `${hit} was ${STATES[state]}, it`;
  return { isBroken, least_ms: Infinity, words };
}

/** From the end of its injection to the beginning of its heal; null where it never bit. */
function spanOf(run: Timeline, { index, heal_after_ms }: PlannedFault): Span | null {
  const injected = run.injected(index);
  if (injected === undefined) return null;
  const from_ms = injected.t;
  const healed = run.healed(index);
  if (healed === undefined) return { from_ms, to_ms: Infinity };
  const phase = run.all('phase.started').findLast((event) => event.phase === 'heal');
  const due_ms =
    healed.by === 'end' ? phase?.t : heal_after_ms === null ? null : from_ms + heal_after_ms;
  return { from_ms, to_ms: Math.min(healed.t, due_ms ?? healed.t) };
}

/** When the operations ended that a node of the region answered and should not have. */
function answersOf(
  store: Evidence['stores'][number],
  { isBroken, least_ms }: Silence,
  span: Span,
): number[] {
  return endsOf(store, least_ms, span, (nodes, node, isAcknowledged) => {
    const name = nodes[node];
    return name !== undefined && isBroken(name, store.store, isAcknowledged);
  });
}

/** When those ended that took less time, by the node that answered or `NO_NODE`. */
function endsOf(
  { header, operations }: Evidence['stores'][number],
  least_ms: number,
  { from_ms, to_ms }: Span,
  isMeant: (nodes: readonly string[], node: number, isAcknowledged: boolean) => boolean,
): number[] {
  if (header === null || operations === null) return [];
  const ends: number[] = [];
  for (let row = 0; row < operations.count; row++) {
    const isAcknowledged = operations.outcome.at(row) === OUTCOME.acknowledged;
    if (!isMeant(header.nodes, operations.node.at(row), isAcknowledged)) continue;
    const done_ms = operations.done_ms.at(row);
    const sent_ms = operations.sent_ms.at(row);
    const isWithin = sent_ms > from_ms + CLOCK_MS && done_ms < to_ms;
    if (isWithin && done_ms - sent_ms < least_ms) ends.push(done_ms);
  }
  return ends;
}
