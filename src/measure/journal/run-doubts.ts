// Why the numbers of a run cannot be trusted, as far as its journal and the state of its files
// tell.
import type { CheckResult, RunEvent } from '../../evidence/event.ts';
import type { Plan } from '../../drill/plan/plan.ts';
import { STORES, type StoreRole } from '../../drill/stores.ts';
import type { Evidence, StoreEvidence } from '../../evidence/evidence.ts';
import { RUN_FILES, STORE_FILES } from '../../evidence/file-names.ts';
import type { Doubt } from '../../drill/measurement.ts';
import { harmDoubts } from '../operations/harm.ts';
import { doubt } from '../measured.ts';
import { isOfClients } from '../operations/schedule.ts';
import { eventsOf, eventsOfSlice, failbackFrom, firstOf, resumeOf, stopOf } from '../timeline.ts';
import type { Disaster, Slice } from '../timeline.ts';
import { corruptionIn, type Verified } from './run-failures.ts';
import { counted, formatDuration, plainDetail } from '../words.ts';

/** A stall of the runner that is part of the recovery time and too long to be passed over. */
const STALL_MS = 500;

/** What is wrong with the files themselves. */
export function fileDoubts({ plan, events, stores, problems }: Evidence): Doubt[] {
  const doubts = problems.map(({ file, problem }): Doubt => {
    const reason = `${file} is damaged: ${plainDetail(problem)}.`;
    const read = stores.find(({ store }) => RUN_FILES[STORE_FILES[store].survivors] === file);
    return read === undefined
      ? doubt('all', reason)
      : { affects: 'loss', store: read.store, reason };
  });
  for (const { file, problem } of eventsOf(events, 'evidence.damaged')) {
    doubts.push(doubt('all', `${file} is damaged: ${plainDetail(problem)}.`));
  }
  const run = firstOf(events, 'run.started')?.id ?? null;
  return [
    ...doubts,
    ...stores.flatMap((store) => headerDoubts(plan, run, store)),
    ...stores.flatMap((store) => strayDoubts(events, store)),
  ];
}

/** Operations that no `workload.started` accounts for: nobody knows which count they belong to. */
function strayDoubts(
  events: readonly RunEvent[],
  { store, operations }: Pick<StoreEvidence, 'store' | 'operations'>,
): Doubt[] {
  const stop_ms = stopOf(events, store);
  if (operations === null || stop_ms === null) return [];
  const until_ms = resumeOf(events, store)?.scheduled_from_ms ?? Infinity;
  let strays = 0;
  for (let row = 0; row < operations.count; row++) {
    if (isOfClients(operations, row, stop_ms, until_ms)) strays++;
  }
  if (strays === 0) return [];
  const file = RUN_FILES[STORE_FILES[store].ledger];
  const what = `${counted(strays, 'operation')} that came after the workload had stopped`;
  return [doubt('all', `${file} holds ${what}, and nothing says that it began again.`)];
}

/** A ledger that belongs to something else. */
function headerDoubts(plan: Plan, run: string | null, { store, header }: StoreEvidence): Doubt[] {
  if (header === null) return [];
  const doubts: Doubt[] = [];
  const file = RUN_FILES[STORE_FILES[store].ledger];
  const { payload_bytes } = plan.workload;
  if (run !== null && header.run !== run) {
    doubts.push(doubt('all', `${file} belongs to the run ${header.run}, not to ${run}.`));
  }
  const { written } = STORES[store];
  if (header.store !== written) {
    doubts.push(
      doubt('all', `${file} holds what was written to ${header.store}, not to ${written}.`),
    );
  }
  if (header.seed !== plan.seed) {
    doubts.push(
      doubt('all', `${file} was written with seed ${header.seed}, the plan has ${plan.seed}.`),
    );
  }
  if (header.payload_bytes !== payload_bytes) {
    const bytes = `${header.payload_bytes} bytes, the plan says ${payload_bytes}`;
    doubts.push(doubt('all', `${file} was written for payloads of ${bytes}.`));
  }
  return doubts;
}

/** What the run itself says went wrong with measuring. */
export function runDoubts(
  plan: Plan,
  events: readonly RunEvent[],
  disaster: Disaster | null,
): Doubt[] {
  const doubts: Doubt[] = [];
  for (const { checks } of eventsOf(events, 'preflight.checked')) {
    // The file may say that the drill goes on all the same: then they are notes.
    if (plan.preflight === 'warn') continue;
    doubts.push(
      ...failed(checks).map((text) => doubt('all', `The pre-flight check failed: ${text}.`)),
    );
  }
  for (const { reason } of eventsOf(events, 'run.limited')) {
    doubts.push(doubt('all', `The run was stopped early: ${plainDetail(reason)}.`));
  }
  for (const { node, reason, expected } of eventsOf(events, 'node.ended')) {
    // Drill's own parts have no region in their names; a node of a region that dies is part of the
    // story.
    if (expected || node.includes('/')) continue;
    doubts.push(
      doubt('all', `The ${node}, a part of drill, ended by itself (${plainDetail(reason)}).`),
    );
  }
  for (const { ms } of eventsOf(events, 'clock.jumped')) {
    const way = ms > 0 ? 'forwards' : 'backwards';
    doubts.push(
      doubt('all', `The clock jumped ${formatDuration(Math.abs(ms))} ${way} during the run.`),
    );
  }
  if (firstOf(events, 'run.started') === null) {
    doubts.push(doubt('all', 'The journal does not say which run it belongs to.'));
  }
  if (disaster === null) {
    doubts.push(doubt('all', 'The disaster was never injected, so there is nothing to measure.'));
    return doubts;
  }
  if (firstOf(events, 'preflight.checked') === null) {
    doubts.push(doubt('all', 'Nothing says that the system was checked before the fault.'));
  }
  return [
    ...doubts,
    ...faultDoubts(events),
    ...plannedDoubts(plan, events),
    ...harmDoubts(events, disaster),
    ...healDoubts(events),
    ...stallDoubts(events, disaster),
  ];
}

/** What could not be healed may have been broken until the end. */
function healDoubts(events: readonly RunEvent[]): Doubt[] {
  const healed = new Set(eventsOf(events, 'fault.healed').map(({ index }) => index));
  return eventsOf(events, 'heal.failed')
    .filter(({ index }) => !healed.has(index))
    .slice(-1)
    .map(({ reason }) => doubt('all', `The fault could not be healed: ${plainDetail(reason)}.`));
}

/** A fault must be seen to bite. */
function faultDoubts(events: readonly RunEvent[]): Doubt[] {
  return eventsOf(events, 'fault.started').flatMap(({ index, kind, region }) => {
    const name = `The fault ${kind} of region ${region}`;
    const proof = eventsOf(events, 'fault.proved').find((event) => event.index === index);
    if (proof === undefined) return [doubt('all', `${name} was never seen to bite.`)];
    if (!proof.ok) {
      const found = failed(proof.checks).join('; ') || 'no check saw its effect';
      return [doubt('all', `${name} did not bite: ${found}.`)];
    }
    const isInjected = eventsOf(events, 'fault.injected').some((event) => event.index === index);
    return isInjected ? [] : [doubt('all', `${name} was never completely injected.`)];
  });
}

/** Every fault of the plan, and a condition before the steady state that it is to shape. */
function plannedDoubts({ faults }: Plan, events: readonly RunEvent[]): Doubt[] {
  const steady = firstOf(events, 'steady.started');
  return faults.flatMap(({ index, kind, region, beforehand }) => {
    const name = `The fault ${kind} of region ${region}`;
    const isStarted = eventsOf(events, 'fault.started').some((event) => event.index === index);
    if (!isStarted) return [doubt('all', `${name} was planned and never injected.`)];
    const injected = eventsOf(events, 'fault.injected').find((event) => event.index === index);
    if (!beforehand || steady === null || injected === undefined) return [];
    return injected.t <= steady.t
      ? []
      : [doubt('all', `${name} came after the steady state had begun.`)];
  });
}

function stallDoubts(events: readonly RunEvent[], { started_ms }: Disaster): Doubt[] {
  const end = firstOf(events, 'workload.stopped')?.t ?? Infinity;
  return stallsIn(events, started_ms, end).map((ms): Doubt => ({
    affects: 'recovery',
    reason:
      `Drill itself did not get to run for ${formatDuration(ms)} after the fault, ` +
      'so the recovery took longer than the system needs.',
  }));
}

/** How long the runner stood still, each time that is too long to be passed over. */
export function stallsIn(events: readonly RunEvent[], from_ms: number, to_ms: number): number[] {
  return eventsOf(events, 'runner.stalled')
    .filter(({ t, ms }) => ms >= STALL_MS && t >= from_ms && t - ms <= to_ms)
    .map(({ ms }) => ms);
}

/** What casts doubt on the count of survivors, in whichever store. */
export function verificationDoubts(all: readonly RunEvent[]): Doubt[] {
  const doubts: Doubt[] = [];
  const failback_ms = failbackFrom(all) ?? Infinity;
  const events = all.filter(({ t }) => t < failback_ms);
  const verified = eventsOf(events, 'verification.checked');
  if (verified.length === 0) doubts.push(doubt('loss', 'The serving database was never verified.'));
  doubts.push(...verificationReasons(verified).map((reason) => doubt('loss', reason)));
  for (const { checks } of eventsOf(events, 'fence.proved')) {
    doubts.push(
      ...failed(checks).map((text) => doubt('loss', `The fence is not proved: ${text}.`)),
    );
  }
  const isPromoted = firstOf(events, 'database.writable') !== null;
  if (isPromoted && firstOf(events, 'fence.proved') === null) {
    doubts.push(
      doubt('loss', 'Nothing proves that the old primary was fenced before the promotion.'),
    );
  }
  return doubts;
}

/** What was found wrong in the failback. */
export function failedInFailback(events: readonly RunEvent[]): string[] {
  const from_ms = failbackFrom(events) ?? Infinity;
  return verificationReasons(
    eventsOf(events, 'verification.checked').filter(({ t }) => t >= from_ms),
  );
}

/** What proves harm is a failure already: the same sentence, so that it is told once. */
function verificationReasons(verified: readonly Verified[]): string[] {
  return verified.flatMap((event) => [
    ...corruptionIn(event).map(({ text }) => text),
    ...failed(event.checks.filter(({ proves }) => proves === undefined)).map(
      (text) => `The verification found: ${text}.`,
    ),
  ]);
}

/** Writes that may have come after the survivors of a store were read. */
export function drainDoubts(events: readonly RunEvent[], store: StoreRole, slice: Slice): string[] {
  const drained = eventsOfSlice(events, 'workload.drained', store, slice)[0];
  if (drained === undefined) {
    return ['The workload was never drained, so writes may still have been under way.'];
  }
  if (drained.in_flight === 0) return [];
  return [`${drained.in_flight} operations were still in flight when the survivors were read.`];
}

/** Those that failed, as parts of a sentence. */
function failed(checks: readonly CheckResult[]): string[] {
  return checks
    .filter(({ ok }) => !ok)
    .map((check) => `${check.name}: ${plainDetail(check.detail)}`);
}
