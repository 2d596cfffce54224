// The ledger held against the faults: nodes that are dead, stand still or are cut off answer
// nobody.
import type { AnyPlannedFault } from '../../drill/fault/registry.ts';
import type { Doubt } from '../../drill/measurement.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { doubts } from '../measured.ts';
import type { Span, Timeline } from '../timeline.ts';
import { counted, formatDuration } from '../words.ts';

const AFFECTED = ['recovery', 'loss', 'failback'] as const;

/** Programs of a run read one clock, each in its own time. */
const CLOCK_MS = 20;

const STATES = { dead: 'dead', frozen: 'standing still', isolated: 'cut off' } as const;

/** `evidence` is that of the drill itself: a region that came back for its failback answers. */
export function silenceDoubts(evidence: Evidence, run: Timeline): Doubt[] {
  const reasons = run.plan.faults.flatMap((fault): string[] => {
    const { kind, region, effect } = fault;
    const span = silenceOf(run, fault);
    if (effect.region === 'untouched' || span === null) return [];
    const answers = evidence.stores.flatMap((store) => answersOf(store, region, span));
    if (answers.length === 0) return [];
    const after_ms = Math.min(...answers) - span.from_ms;
    return [
      `The fault ${kind} of region ${region} did not last: while its nodes were ` +
        `${STATES[effect.region]}, they answered ${counted(answers.length, 'operation')} that ` +
        `began after it, the first ${formatDuration(after_ms)} after it was injected.`,
    ];
  });
  // The ledger itself is sound: what it proves of a split-brain stays proved.
  return AFFECTED.flatMap((affects) => doubts(affects, reasons));
}

/** From the end of its injection to the beginning of its heal; null where it never bit. */
function silenceOf(run: Timeline, { index, heal_after_ms }: AnyPlannedFault): Span | null {
  const injected = run.injected(index);
  if (injected === undefined) return null;
  const from_ms = injected.t;
  const healed = run.all('fault.healed').find((event) => event.index === index);
  if (healed === undefined) return { from_ms, to_ms: Infinity };
  const phase = run.all('phase.started').findLast((event) => event.phase === 'heal');
  const due_ms =
    healed.by === 'end' ? phase?.t : heal_after_ms === null ? null : from_ms + heal_after_ms;
  return { from_ms, to_ms: Math.min(healed.t, due_ms ?? healed.t) };
}

/** When the operations ended that a node of the region answered and should not have. */
function answersOf(
  { header, operations }: Evidence['stores'][number],
  region: string,
  { from_ms, to_ms }: Span,
): number[] {
  if (header === null || operations === null) return [];
  const isSilent = header.nodes.map((node) => node.startsWith(`${region}/`));
  const ends: number[] = [];
  for (let row = 0; row < operations.count; row++) {
    const done_ms = operations.done_ms[row]!;
    const isWithin = operations.sent_ms[row]! > from_ms + CLOCK_MS && done_ms < to_ms;
    if (isWithin && isSilent[operations.node[row]!] === true) ends.push(done_ms);
  }
  return ends;
}
