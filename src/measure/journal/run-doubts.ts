// Why the numbers of a run cannot be trusted, by its journal and the state of its files; and what
// the journal itself proves of a failed run: steps that failed, a fence that did not hold, a store
// that found its own data damaged.
import { isOfOperators, takesNodes } from '../../drill/fault/registry.ts';
import type { Doubt } from '../../drill/measurement.ts';
import { STORES, type StoreRole } from '../../drill/stores.ts';
import {
  type Evidence,
  type EvidenceProblem,
  type StoreEvidence,
  RUN_FILES,
  STORE_FILES,
} from '../../evidence/evidence.ts';
import { isBusy, loadWords, type MachineLoad } from '../../host/machine/load.ts';
import { doubt, doubts, missing, type Failure } from '../measured.ts';
import { harmDoubts } from '../operations/harm.ts';
import { countRows, isOfClients } from '../operations/schedule.ts';
import type { Disaster, EventOf, Slice, Span, Timeline } from '../timeline.ts';
import { counted, formatDuration, inFailback, plainDetail } from '../words.ts';
import { endDoubts, stopsIn } from './end-doubts.ts';
import { failed, faultReasons, plannedReasons } from './fault-doubts.ts';
import { machineIn } from './facts.ts';
import { holdDoubts } from './hold-doubts.ts';
import { stallsIn, stoodStill } from './stalls.ts';

export function fileDoubts({ stores, problems }: Evidence, run: Timeline): Doubt[] {
  const damaged = problems.map((problem): Doubt => {
    const reason = damagedReason(problem);
    const isRead = (role: StoreRole) => RUN_FILES[STORE_FILES[role].survivors] === problem.file;
    const store = stores.find((each) => isRead(each.store))?.store;
    return store === undefined ? doubt('all', reason) : { affects: 'loss', store, reason };
  });
  const others = [
    ...run.all('evidence.damaged').map(damagedReason),
    ...stores.flatMap((store) => headerReasons(run, store)),
    ...stores.flatMap((store) => strayReasons(run, store)),
  ];
  return [...damaged, ...doubts('all', others)];
}

function damagedReason({ file, problem, isUnread = false }: EvidenceProblem): string {
  if (isUnread) return `What ${file} holds is not known: ${plainDetail(problem)}.`;
  return `${file} is damaged: ${plainDetail(problem)}.`;
}

/** Operations that no `workload.started` accounts for: nobody knows which count they belong to. */
function strayReasons(run: Timeline, { store, operations }: StoreEvidence): string[] {
  const stop_ms = run.stop(store);
  if (operations === null || stop_ms === null) return [];
  const until_ms = run.resume(store)?.scheduled_from_ms ?? Infinity;
  const strays = countRows(operations, (row) => isOfClients(operations, row, stop_ms, until_ms));
  if (strays === 0) return [];
  const file = RUN_FILES[STORE_FILES[store].ledger];
  const what = `${counted(strays, 'operation')} that came after the workload had stopped`;
  return [`${file} holds ${what}, and nothing says that it began again.`];
}

/** A ledger that belongs to something else. */
function headerReasons(run: Timeline, { store, header }: StoreEvidence): string[] {
  if (header === null) return [];
  const { seed, workload } = run.plan;
  const id = run.first('run.started')?.id ?? header.run;
  const { written } = STORES[store];
  const reasons: string[] = [];
  if (header.run !== id) reasons.push(`belongs to the run ${header.run}, not to ${id}`);
  if (header.store !== written) {
    reasons.push(`holds what was written to ${header.store}, not to ${written}`);
  }
  if (header.seed !== seed) {
    reasons.push(`was written with seed ${header.seed}, the plan has ${seed}`);
  }
  if (header.payload_bytes !== workload.payload_bytes) {
    const bytes = `${header.payload_bytes} bytes, the plan says ${workload.payload_bytes}`;
    reasons.push(`was written for payloads of ${bytes}`);
  }
  return reasons.map((reason) => `${RUN_FILES[STORE_FILES[store].ledger]} ${reason}.`);
}

/** What the run itself says went wrong with measuring. */
export function runDoubts(run: Timeline): Doubt[] {
  const { disaster } = run;
  const reasons = [
    ...preflightReasons(run),
    // Drill's own parts have no region in their names; a region's node that dies is the story.
    ...run
      .all('node.ended')
      .filter(({ node, expected }) => !expected && !node.includes('/'))
      .map((e) => `The ${e.node}, a part of drill, ended by itself (${plainDetail(e.reason)}).`),
    ...run.all('clock.jumped').map(({ ms }) => {
      const way = ms > 0 ? 'forwards' : 'backwards';
      return `The clock jumped ${formatDuration(Math.abs(ms))} ${way} during the run.`;
    }),
  ];
  if (run.first('run.started') === undefined) {
    reasons.push('The journal does not say which run it belongs to.');
  }
  if (disaster === null) {
    const hasWaited = run.first('fault.awaited') !== undefined;
    const never = 'The disaster was never injected, so there is nothing to measure.';
    reasons.push(...(hasWaited ? plannedReasons(run) : []), never);
    const limits = stopsIn(run).map(({ reason }) => reason);
    return [...missing('all', limits), ...doubts('all', reasons)];
  }
  if (run.first('preflight.checked') === undefined) {
    reasons.push('Nothing says that the system was checked before the fault.');
  }
  return [
    ...endDoubts(run),
    ...holdDoubts(run),
    ...doubts('recovery', downAlready(run, disaster)),
    ...doubts('all', [...reasons, ...faultReasons(run), ...plannedReasons(run)]),
    ...harmDoubts(run, disaster),
    ...doubts('all', healReasons(run)),
  ];
}

/** What was seen before the fault; first what was not the system's doing. */
function preflightReasons(run: Timeline): string[] {
  const looks = run.all('preflight.checked');
  // The file may say that the drill goes on all the same: then they are notes.
  const wrong = run.plan.preflight === 'warn' ? [] : failed(looks.flatMap(({ checks }) => checks));
  if (wrong.length === 0) return [];
  const span = { from_ms: run.first('steady.started')?.t ?? 0, to_ms: looks.at(-1)!.t };
  const longest = stallsIn(run, span).sort((a, b) => lengthOf(b) - lengthOf(a))[0];
  const stalls = longest === undefined ? [] : [`${stoodStill(longest)} ${BEFORE_THE_FAULT}.`];
  const machine = machineIn(run);
  const busy =
    machine !== null && isBusy(machine) ? [`${busySentence(machine)} ${ITS_DOING}.`] : [];
  return [
    ...(stalls.length > 0 ? stalls : busy),
    ...wrong.map((text) => `The pre-flight check failed: ${text}.`),
  ];
}

const BEFORE_THE_FAULT =
  'before the fault: the machine was busy, and a check that failed may be its doing';
const ITS_DOING = 'A check that failed may be its doing';

/** Of a machine that had too much to do when the run began. */
export function busySentence(machine: MachineLoad): string {
  return `The machine was busy when the run began (${loadWords(machine)}).`;
}

const lengthOf = ({ from_ms, to_ms }: Span) => to_ms - from_ms;

/**
 * A region that is held to be down when its disaster comes is not detected any more; by a fault of
 * the drill before it that is the drill's own doing.
 */
function downAlready(run: Timeline, { index, region, started_ms }: Disaster): string[] {
  const isOwn = run.plan.faults.some((fault) => {
    return fault.index < index && fault.region === region && takesNodes(fault);
  });
  const looks = [...run.all('region.down'), ...run.all('region.up')].filter((each) => {
    return each.region === region && each.t < started_ms;
  });
  const last = looks.toSorted((a, b) => a.t - b.t).at(-1);
  if (isOwn || last?.event !== 'region.down') return [];
  return [`Region ${region} was held to be down before the disaster: nothing had to detect it.`];
}

/** What could not be healed may have been broken until the end. */
function healReasons(run: Timeline): string[] {
  const healed = new Set(run.all('fault.healed').map(({ index }) => index));
  return run
    .all('heal.failed')
    .filter(({ index }) => !healed.has(index))
    .slice(-1)
    .map(({ index, reason }) => {
      const later = isUndoneAtEnd(run, index) ? '; a second try undid it, in the clean-up' : '';
      return `The fault could not be healed: ${plainDetail(reason)}${later}.`;
    });
}

/** A lab goes away at its end; of a system of somebody's own, what failed is tried once more. */
function isUndoneAtEnd(run: Timeline, index: number): boolean {
  const fault = run.plan.faults.find((each) => each.index === index);
  if (fault?.kind !== 'command' || fault.undo === null) return false;
  const isKept = run.all('system.kept').length > 0;
  return !isKept && run.all('cleanup.ended').at(-1)?.clean === true;
}

/** What casts doubt on the count of survivors, in whichever store. */
export function verificationDoubts(run: Timeline): Doubt[] {
  const isBefore = ({ t }: { readonly t: number }) => t < run.failback_ms;
  const verified = run.all('verification.checked').filter(isBefore);
  const fences = run.all('fence.proved').filter(isBefore);
  // Of a system of somebody's own every server is watched instead, all the time.
  const isFenced = run.plan.attached === undefined;
  const isPromoted = isFenced && run.all('database.writable').some(isBefore);
  const unverified = verified.length === 0 ? ['The serving database was never verified.'] : [];
  const reasons = [
    ...verificationReasons(verified),
    ...failed(fences.flatMap(({ checks }) => checks)).map(
      (text) => `The fence is not proved: ${text}.`,
    ),
    ...(isPromoted && fences.length === 0
      ? ['Nothing proves that the old primary was fenced before the promotion.']
      : []),
  ];
  return [...missing('loss', unverified), ...doubts('loss', reasons)];
}

export function failedInFailback(run: Timeline): string[] {
  return verificationReasons(
    run.all('verification.checked').filter(({ t }) => t >= run.failback_ms),
  );
}

/** What proves harm is a failure already: the same sentence, so that it is said once. */
function verificationReasons(verified: readonly EventOf<'verification.checked'>[]): string[] {
  return verified.flatMap((event) => [
    ...corruptionIn(event).map(({ text }) => text),
    ...failed(event.checks.filter(({ proves }) => proves === undefined)).map(
      (text) => `The verification found: ${text}.`,
    ),
  ]);
}

/** Writes that may have come after the survivors of a store were read. */
export function drainDoubts(run: Timeline, store: StoreRole, slice: Slice): Doubt[] {
  const drained = run.ofSlice('workload.drained', store, slice)[0];
  if (drained === undefined) {
    const why = 'writes may still have been under way';
    return missing('loss', [`The clients were cut off before their last answers came: ${why}.`]);
  }
  const { in_flight } = drained;
  if (in_flight === 0) return [];
  const what = `${counted(in_flight, 'operation')} ${in_flight === 1 ? 'was' : 'were'} still`;
  return doubts('loss', [`${what} in flight when the survivors were read.`]);
}

export function runFailures(run: Timeline): Failure[] {
  return [...stepFailures(run), ...fenceFailures(run), ...corruptionFailures(run)];
}

function stepFailures(run: Timeline): Failure[] {
  // What was tried again, or overcome, is no failure of the recovery.
  const final = run.all('step.failed').filter(({ goes_on }) => goes_on !== true);
  return final.map(({ t, step, reason }): Failure => {
    const of = t < run.failback_ms ? 'recovery' : 'failback';
    const text = `The ${of} step "${step}" failed: ${plainDetail(reason)}.`;
    return { code: `${of}-step-failed`, step, text };
  });
}

/** A lost region that came back, healed or by itself, into a system that had gone on without it. */
function fenceFailures(run: Timeline): Failure[] {
  const isOfSystem = ({ index }: { readonly index: number }) =>
    !isOfOperators(run.plan.faults.find((each) => each.index === index)?.kind ?? '');
  const isHealed = run.all('fault.healed').some(isOfSystem);
  const when = isHealed ? 'when the fault was healed' : 'to the end of the drill';
  const checks = run.all('fence.checked').flatMap((event) => event.checks);
  const open = checks.filter(({ ok }) => !ok);
  return [...new Map(open.map((check) => [check.name, check])).values()].map(({ name, detail }) => {
    const text = `The fence did not hold ${when}: ${name}? ${plainDetail(detail)}.`;
    return { code: 'fence-open', text };
  });
}

/** What a store that serves found wrong with its own data. */
function corruptionIn({ checks, store, node }: EventOf<'verification.checked'>): Failure[] {
  const what = `The data of ${node ?? 'a node that serves'} is damaged`;
  return checks
    .filter(({ proves }) => proves === 'harm')
    .map(({ name, detail }): Failure => {
      const text = `${what}: ${name}: ${plainDetail(detail)}.`;
      return {
        code: 'database-corrupt',
        ...(store === undefined ? {} : { store: STORES[store].written }),
        text,
      };
    });
}

function corruptionFailures(run: Timeline): Failure[] {
  return run.all('verification.checked').flatMap((event) => {
    const found = corruptionIn(event);
    if (event.t < run.failback_ms) return found;
    return found.map((failure) => ({ ...failure, text: inFailback(failure.text) }));
  });
}
