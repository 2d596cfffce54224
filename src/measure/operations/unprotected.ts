// Writes that were acknowledged while no standby had to have them: those that were answered with
// the server's own warning, and those in the time in which commits waited for nobody. From the
// first of these acknowledgements until the standby has said to have all, they stand in one place.
import type { Unprotected } from '../../drill/unprotected.ts';
import { OPERATION_FLAG, OPERATION_KIND, OUTCOME } from '../../evidence/ledger/operation.ts';
import type { Operations } from '../../evidence/ledger/operation.ts';
import type { StandbySeen } from '../../evidence/event.ts';
import { ceilGrain, floorGrain } from '../grain.ts';
import type { Timeline } from '../timeline.ts';
import { isDoneByClients } from './schedule.ts';

/** Null where commits always waited, as far as it was seen. */
export function unprotectedOf(run: Timeline, operations: Operations | null): Unprotected | null {
  if (operations === null) return null;
  const releases = releasesIn(run);
  const writes = { least: new Writes(), most: new Writes(), counted: new Writes() };
  for (let row = 0; row < operations.count; row++) {
    if (!isWrite(operations, row)) continue;
    const isWarned = (operations.flags.at(row) & OPERATION_FLAG.unprotected) !== 0;
    const isAcknowledged = operations.outcome.at(row) === OUTCOME.acknowledged;
    if (!isWarned && !isAcknowledged) continue;
    const sent_ms = operations.sent_ms.at(row);
    const done_ms = operations.done_ms.at(row);
    const during = (is: (release: Release) => boolean) => isWarned || releases.some(is);
    if (during(({ from, to }) => sent_ms >= from.high && done_ms <= to.low)) {
      writes.least.add(sent_ms, done_ms);
    }
    if (during(({ from, to }) => done_ms >= from.low && done_ms <= to.high)) {
      writes.counted.add(sent_ms, done_ms);
    }
    if (during(({ from, to }) => done_ms >= from.low && sent_ms <= to.high)) {
      writes.most.add(sent_ms, done_ms);
    }
  }
  const { least, most, counted } = writes;
  if (most.count === 0 && releases.length === 0) return null;
  return {
    standby: run.plan.replication.to,
    writes: counted.count,
    writes_low: least.count,
    writes_high: most.count,
    ...(most.count === 0 ? { ms: 0, ms_low: 0 } : lasted(run, least, most)),
  };
}

class Writes {
  count = 0;
  firstDone_ms = Infinity;
  lastSent_ms = -Infinity;
  lastDone_ms = -Infinity;

  add(sent_ms: number, done_ms: number): void {
    this.count++;
    this.firstDone_ms = Math.min(this.firstDone_ms, done_ms);
    this.lastSent_ms = Math.max(this.lastSent_ms, sent_ms);
    this.lastDone_ms = Math.max(this.lastDone_ms, done_ms);
  }
}

function isWrite(operations: Operations, row: number): boolean {
  return isDoneByClients(operations, row) && operations.kind.at(row) !== OPERATION_KIND.read;
}

interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** When commits waited for nobody; what is never taken back lasts. */
interface Release {
  readonly from: Bounds;
  readonly to: Bounds;
}

function releasesIn(run: Timeline): Release[] {
  const released = run.all('standby.released').filter(({ by }) => by === 'release');
  return released.map(({ t, ms }) => {
    const again = run.all('standby.required').find((each) => each.t >= t);
    const to =
      again === undefined
        ? { low: Infinity, high: Infinity }
        : { low: again.t - again.ms, high: again.t };
    return { from: { low: t - ms, high: t }, to };
  });
}

/** Up to when the standby had said to have the last of them. */
function lasted(run: Timeline, least: Writes, most: Writes): Pick<Unprotected, 'ms' | 'ms_low'> {
  const looks = looksIn(run);
  const latestFirst_ms = Math.min(least.firstDone_ms, most.lastDone_ms);
  const back_ms = backAt(looks, most.lastDone_ms);
  const lacked_ms = lackedAt(looks, most, back_ms ?? Infinity);
  const low = Math.max(0, floorGrain(lacked_ms) - ceilGrain(latestFirst_ms));
  if (back_ms === null) return { ms: null, ms_low: low };
  const ms = ceilGrain(back_ms) - floorGrain(most.firstDone_ms);
  return { ms, ms_low: Math.min(low, ms) };
}

/** Each once, in their order. */
function looksIn(run: Timeline): readonly StandbySeen[] {
  const seen = run.ofStore('workload.sampled', 'orders').flatMap(({ standby }) => standby ?? []);
  const sorted = seen.toSorted((a, b) => a.asked_ms - b.asked_ms);
  return sorted.filter(({ asked_ms }, at) => asked_ms !== sorted[at - 1]?.asked_ms);
}

/** What is acknowledged is written: once the standby has what was written then, it has all. */
function backAt(looks: readonly StandbySeen[], done_ms: number): number | null {
  const later = looks.filter(({ asked_ms }) => asked_ms >= done_ms);
  const wanted = later.find(({ written_bytes }) => written_bytes !== null)?.written_bytes;
  const back = later.find(({ has_bytes }) => has_bytes !== null && has_bytes >= (wanted ?? NaN));
  return back?.answered_ms ?? null;
}

/** What was written before the last of them was sent is less than what it takes to have that. */
function lackedAt(looks: readonly StandbySeen[], { lastSent_ms }: Writes, back_ms: number): number {
  const before = looks.findLast(
    ({ answered_ms, written_bytes }) => answered_ms <= lastSent_ms && written_bytes !== null,
  );
  const lacking = looks.findLast(({ asked_ms, answered_ms, has_bytes }) => {
    if (answered_ms >= back_ms) return false;
    if (has_bytes === null) return asked_ms >= lastSent_ms;
    return has_bytes < (before?.written_bytes ?? -Infinity);
  });
  return lacking?.asked_ms ?? -Infinity;
}
