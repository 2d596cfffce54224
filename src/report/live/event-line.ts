// The line of each event that is worth one; `plain` prints all, `live` the last few.
import { formatBytes, formatDuration } from '../../base/units.ts';
import { isOfOperators } from '../../drill/fault/registry.ts';
import { hasDisaster } from '../../drill/plan/clock.ts';
import type { Plan } from '../../drill/plan/plan.ts';
import { STORES, type StoreRole } from '../../drill/stores.ts';
import { hitBy } from '../../measure/journal/facts.ts';
import { rowWords } from '../../measure/loss/divergence.ts';
import { exposureWords } from '../../measure/journal/exposure.ts';
import type {
  CheckResult,
  EventBodies,
  EventName,
  LookResult,
  RunEvent,
} from '../../evidence/event.ts';
import { count, formatCount, printable } from '../../screen/text.ts';
import { faultName } from '../summary/fault-words.ts';

export type Weight = 'quiet' | 'normal' | 'good' | 'bad' | 'warn';

export interface EventLine {
  readonly text: string;
  readonly weight: Weight;
}

type Writers = {
  [N in EventName]?: (
    event: Extract<RunEvent, { event: N }>,
    plan: Plan | null,
  ) => EventLine | null;
};

const WRITERS: Writers = {
  'run.started': (e) => line(`run ${e.id}`, 'quiet'),
  'run.noted': (e) => line(e.text),
  'phase.started': (e) => line(`phase ${e.phase}`, 'quiet'),
  'topology.up': (e) =>
    line(`two regions up: ${e.runtime}, PostgreSQL ${e.postgres}, proxy ${e.proxy}`),
  'regions.placed': (e) =>
    line(e.kept ? 'in the regions of the trial before' : `new regions: ${e.why}`, 'quiet'),
  'system.claimed': (e) => line(`on the system of run ${e.run}, which stays up`),
  'stores.emptied': (e) => line(`${count(e.rows, 'earlier row')} emptied`, 'quiet'),
  'data.filling': fillingLine,
  'data.filled': (e) =>
    line(
      `${e.node} has ${formatBytes(e.bytes)} of ${formatBytes(e.asked_bytes)} asked for, ` +
        (e.from === 'fill' ? `filled in ${formatDuration(e.ms)}` : 'from the cache'),
    ),
  'seed.written': (e) => line(`${count(e.rows, 'row')} written beforehand${toStore(e)}`, 'quiet'),
  'warm-up.ended': (e) =>
    e.settled
      ? line(`latency settled after ${formatDuration(e.ms)}`, 'quiet')
      : line(`latency did not settle within ${formatDuration(e.ms)}`, 'warn'),
  'backup.taken': (e) =>
    line(`base backup ${e.name}: ${formatBytes(e.bytes)}, ${formatDuration(e.ms)}`, 'quiet'),
  'backup.failed': (e) => line(`a base backup failed: ${e.reason}`, 'warn'),
  'wal.streaming': (e) =>
    line(`the log streams to the backup repository${e.lsn ? `, from ${e.lsn} on` : ''}`, 'quiet'),
  'wal.broken': (e) => line(`no log comes to the backup repository: ${e.reason}`, 'warn'),
  'exposure.previewed': exposureLine,
  'preflight.checked': (e) => checksLine('before the fault', e.checks),
  'fault.started': (e, plan) =>
    line(`fault: ${faultName(startedIn(plan, e))}${disasterMark(e.disaster, plan)}`, 'bad'),
  'fault.awaited': (e) =>
    e.found === null
      ? line(`${e.condition} did not come: the fault is left out`, 'warn')
      : line(`${e.condition}: it is ${e.found}`),
  'fault.injected': (e) => line(`injected: ${e.detail}`),
  'fault.proved': (e, plan) =>
    e.ok
      ? line(`${whichFault(e, plan)} took effect`, 'quiet')
      : checksLine(`${whichFault(e, plan)} was not seen to take effect`, e.checks),
  'fault.looked': (e, plan) => lookLine(whichFault(e, plan), e.checks),
  'links.looked': (e) => lookLine('the delay of the links', e.checks),
  'fault.healed': (e, plan) => {
    const { kind = '' } = plan?.faults.find(({ index }) => index === e.index) ?? {};
    if (isOfOperators(kind)) return line(`${kind} is over`);
    const why = e.by === 'schedule' ? ': its time was over' : '';
    const healed = `${whichFault(e, plan)} was healed${why}`;
    const { gone = [] } = e;
    return gone.length === 0
      ? line(healed)
      : line(`${healed}, and was not all there any more: ${gone.join(', ')}`, 'warn');
  },
  'data.harmed': (e) =>
    line(`the mistake: ${e.statement} of ${count(e.rows, 'row')}, just after ${e.lsn}`, 'bad'),
  'data.verified': (e) =>
    e.ok
      ? line(`what the mistake had harmed is there again (${count(e.rows, 'row')})`, 'good')
      : line(`what the mistake had harmed is not there: ${e.detail}`, 'warn'),
  'heal.failed': (e) => line(`the fault could not be healed: ${e.reason}`, 'bad'),
  'region.down': (e) => line(`detected: region ${e.region} is down (${e.detail})`),
  'region.up': (e) => line(`region ${e.region} is healthy`, 'quiet'),
  'region.returned': (e) =>
    line(`region ${e.region} is back on its own disks, after ${formatDuration(e.ms)}`),
  'region.protected': (e) =>
    line(`region ${e.region} follows again (${e.how}), after ${formatDuration(e.ms)}`, 'good'),
  'standby.released': (e) =>
    e.by === 'release'
      ? line(`commits of ${e.node} wait for no standby: ${e.detail}`, 'warn')
      : line(`waits of commits of ${e.node} are cancelled: ${e.detail}`, 'warn'),
  'standby.required': (e) => line(`commits of ${e.node} wait for ${e.region} again`),
  'switchover.started': (e) => line(`planned move of service from ${e.from} to ${e.to}`),
  'switchover.ended': () => line('service has moved'),
  'operator.asked': (e) => line(`the operator is asked: ${e.question}`),
  'run.held': (e) => line(`held before "${e.before}", by ${e.by}`, 'warn'),
  'run.released': (e) =>
    line(
      e.order === 'step'
        ? `one step, after ${formatDuration(e.ms)}, by ${e.by}`
        : `goes on after ${formatDuration(e.ms)}, by ${e.by}`,
    ),
  'run.stopped': (e) => line(`stopped: ${e.condition} (${e.found}); healing`, 'bad'),
  'disaster.declared': (e, plan) =>
    line(`${hasDisaster(plan ?? {}) ? 'disaster declared' : 'recovery decided'} (${e.by})`),
  'disaster.undeclared': (e) => line(`no disaster was declared: ${e.reason}`, 'warn'),
  'recovery.started': (e) => line(`recovery: ${e.with}`),
  'step.confirmed': (e) =>
    line(`  ${e.step}: confirmed by ${e.by}${e.seen ? '' : ', and believed'}`),
  'step.seen': (e) => line(`  ${e.step}: seen to be done`, 'quiet'),
  'step.ended': (e) => line(`  ${e.step}: ${formatDuration(e.ms)}`, 'quiet'),
  'servers.followed': (e) =>
    checksLine(`every server follows again, looked at for ${formatDuration(e.ms)}`, e.checks),
  'step.marked': (e) =>
    e.ok
      ? line(`  ${e.step}: ${e.mark}, seen so`, 'quiet')
      : line(`  ${e.step}: marked ${e.mark}, and not seen so: ${e.detail}`, 'warn'),
  'step.failed': (e) => {
    const after = e.ms === undefined ? '' : ` after ${formatDuration(e.ms)}`;
    const then = e.goes_on === true ? '; the operators go on' : '';
    return line(`  ${e.step} failed${after}: ${e.reason}${then}`, then === '' ? 'bad' : 'warn');
  },
  'fence.checked': (e) => checksLine('the fence, checked again', e.checks),
  'database.writable': (e) => line(`${e.node} takes writes${timelineWords(e)}`),
  'app.ready': (e) => line(`app ready in ${e.region}: ${count(e.instances, 'instance')}`),
  'gslb.redirected': (e) => line(`DNS now answers region ${e.region}`),
  'gslb.withheld': (e) =>
    line(`DNS still answers ${e.told.join(', ')}, where ${e.due.join(', ')} is due`),
  'service.sustained': (e) =>
    e.rto_ms === 0
      ? line('clients saw no outage', 'good')
      : line(
          `service is back, after about ${formatDuration(e.rto_ms)}; the report says it exactly`,
          'good',
        ),
  'service.missing': (e) => line(`service was not seen to come back: ${e.reason}`, 'bad'),
  'survivors.read': (e) =>
    e.ok
      ? line(`${count(e.rows, 'row')} read from ${e.node} (${e.reading})`, 'quiet')
      : line(`could not read ${e.node}: ${e.detail}`, 'warn'),
  'marker.written': (e) =>
    e.ok ? null : line(`the marker write${toStore(e)} failed: ${e.detail}`, 'warn'),
  'verification.checked': (e) => checksLine('verification', e.checks),
  'row.diverged': (e) => line(`  ${rowWords(e)}`, 'bad'),
  'convergence.checked': (e) =>
    e.ok
      ? line(`the serving databases agree: ${count(e.rows, 'row')} compared`, 'quiet')
      : line(disagreement(e), 'bad'),
  'rows.salvaged': (e) =>
    line(`${count(e.rows, 'row')} salvaged from the old primary`, e.rows > 0 ? 'warn' : 'quiet'),
  'node.ended': (e) => (e.expected ? null : line(`${e.node} ended by itself: ${e.reason}`, 'bad')),
  'runner.stalled': (e) =>
    line(`drill itself did not get to run for ${formatDuration(e.ms)}`, 'warn'),
  // A region's may be what a fault does to it.
  'program.stalled': (e) =>
    e.program.includes('/')
      ? null
      : line(`the ${e.program} stood still for ${formatDuration(e.ms)}`, 'warn'),
  'clock.jumped': (e) => line(`the wall clock jumped by ${formatDuration(e.ms)}`, 'warn'),
  'evidence.damaged': (e) => line(`${e.file} is damaged: ${e.problem}`, 'warn'),
  'run.interrupted': (e) => line(`interrupted by ${e.by}`, 'warn'),
  'system.kept': (e) => line(`left running as asked: ${e.nodes.map((n) => n.node).join(', ')}`),
  'cleanup.ended': (e) =>
    e.clean
      ? line(`cleaned up in ${formatDuration(e.ms)}`, 'quiet')
      : line(`could not clean up: ${e.left.join(', ')}`, 'bad'),
  'environment.failed': (e) => line(`${e.what}: ${e.found}`, 'bad'),
  'internal.failed': (e) => line(`internal error: ${e.message}`, 'bad'),
};

/**
 * Null for events that only matter to the evidence. `plan`: what the run carries out; null where
 * that is not known.
 */
export function eventLine(event: RunEvent, plan: Plan | null = null): EventLine | null {
  const write = WRITERS[event.event] as Writer | undefined;
  return write?.(event, plan) ?? null;
}

type Writer = (event: RunEvent, plan: Plan | null) => EventLine | null;

/** As every report names it. */
function startedIn(plan: Plan | null, event: Extract<RunEvent, { event: 'fault.started' }>) {
  const { index, kind, region } = event;
  const fault = plan?.faults.find((each) => each.index === index && each.kind === kind);
  return { kind, ...(fault === undefined ? { target: region, how: [] } : hitBy(fault)) };
}

/** By its name, where there is another one that it could be. */
function whichFault({ index }: { readonly index: number }, plan: Plan | null): string {
  const fault = plan?.faults.find((each) => each.index === index);
  if (fault === undefined || plan!.faults.length === 1) return 'the fault';
  return isOfOperators(fault.kind) ? fault.kind : `${fault.kind} ${hitBy(fault).target}`;
}

function toStore({ store }: { readonly store: StoreRole }): string {
  return STORES[store].isUsual ? '' : ` to ${STORES[store].title}`;
}

/** A line for each tenth; the live view shows the rest by itself. */
function fillingLine(e: Extract<RunEvent, { event: 'data.filling' }>): EventLine | null {
  const tenth = (bytes: number) => Math.floor((10 * bytes) / e.of_bytes);
  if (tenth(e.bytes) === tenth(e.before_bytes) && e.before_bytes > 0) return null;
  return line(`filling the database: ${fillWords(e)}`, 'quiet');
}

/** `340 MB of 2.0 GB, 61 MB/s, 27 s left` */
export function fillWords(e: EventBodies['data.filling']): string {
  const left = e.left_ms === null ? '' : `, ${formatDuration(e.left_ms)} left`;
  const rate = `${formatBytes(e.bytes_per_s)}/s`;
  return `${formatBytes(e.bytes)} of ${formatBytes(e.of_bytes)}, ${rate}${left}`;
}

function exposureLine(e: Extract<RunEvent, { event: 'exposure.previewed' }>): EventLine {
  const loss = exposureWords(e, 'are');
  if (loss !== '') return line(`losing ${e.region} now loses ${loss}`);
  return line(`what losing ${e.region} now loses is not known: ${e.detail}`, 'warn');
}

function disagreement(e: Extract<RunEvent, { event: 'convergence.checked' }>): string {
  if (e.differing === 0) return `whether the serving databases agree is not known: ${e.detail}`;
  const rows = `${formatCount(e.differing)} of ${count(e.rows, 'row')} differ`;
  return `the serving databases do not agree: ${rows}`;
}

/** Redis has no timelines. */
function timelineWords({ timeline }: { readonly timeline: number }): string {
  return timeline === 0 ? '' : ` (timeline ${timeline})`;
}

function line(text: string, weight: Weight = 'normal'): EventLine {
  const indent = /^ */.exec(text)![0];
  return { text: indent + printable(text).trim(), weight };
}

function checksLine(title: string, checks: readonly CheckResult[]): EventLine {
  const failed = checks.filter((check) => !check.ok);
  if (failed.length === 0) return line(`${title}: ${count(checks.length, 'check')} fine`, 'quiet');
  return line(`${title}: ${failed.map((c) => `${c.name} (${c.detail})`).join('; ')}`, 'warn');
}

function lookLine(what: string, checks: readonly LookResult[]): EventLine {
  const failed = checks.filter(({ ok }) => ok !== true);
  if (failed.length === 0) return line(`${what} is still there`, 'quiet');
  const found = failed.map((c) => `${c.name} (${c.detail})`).join('; ');
  const isOver = failed.some(({ ok }) => ok === false);
  const title = isOver ? 'did not last' : 'could not be looked at again';
  return line(`${what} ${title}: ${found}`, 'warn');
}

function disasterMark(isMarked: boolean, plan: Plan | null): string {
  return isMarked && hasDisaster(plan ?? {}) ? ' (disaster)' : '';
}
