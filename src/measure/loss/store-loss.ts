// The loss of one store in the drill itself, with its doubts and the violations it proves. The
// count of survivors proves something when it comes from the right databases, read completely, and
// a second opinion does not contradict it.
import { regionOf } from '../../base/node-name.ts';
import { writesOwnTable } from '../../drill/attached/clients.ts';
import type { Doubt, Loss, StoreLoss } from '../../drill/measurement.ts';
import { hasDisaster } from '../../drill/plan/clock.ts';
import type { StoreRole } from '../../drill/plan/plan.ts';
import { type StoreEvidence, RUN_FILES, STORE_FILES } from '../../evidence/evidence.ts';
import type { Operations } from '../../evidence/ledger/operation.ts';
import type { Reading } from '../../evidence/survivors.ts';
import { drainDoubts } from '../journal/run-doubts.ts';
import { doubts, measuredOfStore, missing, type Measured } from '../measured.ts';
import { harmOf } from '../operations/harm.ts';
import type { Disaster, EventOf, Slice, Timeline } from '../timeline.ts';
import { capital, counted, plainDetail, writeId } from '../words.ts';
import { classify, DRILL_SIGHTS, rowOfWrite, type Classified } from './classify.ts';
import { integrityFailures, lossOf } from './loss.ts';
import { SIDE, sidesOf, type Nameless } from './sides.ts';

export interface LossBasis {
  readonly run: Timeline;
  readonly disaster: Disaster;
  /** What is wrong with the files of the run. */
  readonly files: readonly Doubt[];
  /** The name of a store in sentences; null where it is the only one. */
  readonly nameOf: (store: StoreRole) => StoreRole | null;
}

/** `from` has the operations of the drill only. */
export function measureLoss(basis: LossBasis, from: StoreEvidence): Measured<StoreLoss> {
  const { run, disaster } = basis;
  const { plan } = run;
  const { store, header, operations } = from;
  const name = basis.nameOf(store);
  const classified = classesOfDrill(run, from);
  const reading = readingDoubts(run, from, classified, countOfDrill(run, disaster, from));
  const reasons = [...drainDoubts(run, store, 'drill'), ...reading];
  if (operations === null || header === null || classified === null) {
    return measuredOfStore(store, name, null, reasons);
  }
  const targets = store === 'orders' ? plan.targets : plan.targets.redis;
  const loss = lossOf({
    plan,
    header,
    operations,
    classified,
    disaster,
    rpo_target_ms: targets?.rpo_ms ?? null,
    mistake_ms: harmOf(run, disaster)?.harmed_ms ?? null,
    taken_ms: takenOver(run, disaster)[0]?.t ?? null,
    nameless: namelessOf(run, disaster, store),
    secondMissing: secondMissingOf(run, store, disaster),
  });
  const isProved = reading.length === 0 && !isDamaged(basis, store);
  const failures = isProved ? integrityFailures(plan, loss) : [];
  const second = doubts('loss', secondOpinionDoubts(run, from, loss));
  return measuredOfStore(store, name, loss, [...reasons, ...second], failures);
}

/** Of a system of somebody's own: each server is tried, whoever else writes to it or not. */
function takenOver(run: Timeline, { region, started_ms }: Disaster) {
  if (run.plan.attached === undefined) return [];
  return run.all('database.writable').filter(({ t, node }) => {
    return t >= started_ms && regionOf(node) !== region;
  });
}

/** Null: in a system that drill makes each answer names its server. */
function namelessOf(run: Timeline, disaster: Disaster, store: StoreRole): Nameless | null {
  const { started_ms, region } = disaster;
  const taken = takenOver(run, disaster);
  const since = taken.map(({ not_before_ms }) => not_before_ms ?? started_ms);
  const since_ms = taken.length === 0 ? started_ms : Math.min(...since);
  // Where no other server took a write, nobody but the old side can have what is there.
  if (taken.length === 0) return namelessIn(run, null, since_ms);
  return namelessIn(run, { store, reading: 'serving', region }, since_ms);
}

/**
 * `read`: the reading that counts, and the region that service went away from; null: no other
 * server took a write, so that nothing hangs on what was read.
 */
export function namelessIn(
  run: Timeline,
  read: { readonly store: StoreRole; readonly reading: Reading; readonly region: string } | null,
  since_ms: number,
): Nameless | null {
  const { attached } = run.plan;
  if (attached === undefined) return null;
  if (read === null) return { since_ms, untold: null };
  if (!writesOwnTable(attached.clients) && attached.count?.by !== 'sql') {
    const untold = 'topology.system.count is a command, which counts all servers as one';
    return { since_ms, untold };
  }
  const node = readOf(run, read.store, read.reading)?.node;
  const isOfNew = node !== undefined && regionOf(node) !== read.region;
  const untold = isOfNew ? null : `what was counted is in region ${read.region} itself`;
  return { since_ms, untold };
}

/** With its files damaged, nothing that a store's count shows is proved. */
export function isDamaged({ files }: LossBasis, store: StoreRole): boolean {
  return files.some(({ affects, store: only = store }) => affects === 'all' || only === store);
}

/** Why there is no reading of the old disk. */
function secondMissingOf(
  run: Timeline,
  store: StoreRole,
  { effect, region }: Disaster,
): string | null {
  if (!hasDisaster(run.plan)) return null; // nobody took over from another one
  if (effect.disks === 'destroyed') return `the disks of region ${region} were destroyed`;
  const failure = readingFailure(run, store, 'old-primary');
  if (failure !== null) return failure;
  if (store === 'carts' && run.plan.redis?.appendonly === 'no') {
    return 'Redis kept no append-only file (appendonly: no), so its disk knows nothing';
  }
  return run.plan.attached === undefined
    ? "the old primary's disk was not read"
    : 'no other server took writes before anything was undone';
}

/** The class of every operation of the drill; null where that cannot be said. */
export function classesOfDrill(run: Timeline, from: StoreEvidence): Classified | null {
  const { operations, header, readings } = from;
  if (operations === null || header === null) return null;
  const isUndone = undoneIn(run, from);
  return classify({ operations, readings, sights: DRILL_SIGHTS, isUndone });
}

/**
 * A restore to the point before a mistake undoes what committed after it in the database that the
 * mistake was made in: no write that was acknowledged before the mistake began to commit, and any
 * that was acknowledged later may be one. What the restored one acknowledged it has to keep.
 */
function undoneIn(run: Timeline, { operations, header }: StoreEvidence): (row: number) => boolean {
  const { disaster, plan } = run;
  const harm = disaster && harmOf(run, disaster);
  if (harm === null || plan.recover.with !== 'restore-to-point') return () => false;
  const sides = sidesOf(operations!, header!, disaster!);
  return (row) => sides[row] === SIDE.old && operations!.done_ms.at(row) > harm.harmed_ms;
}

export interface Count {
  readonly slice: Slice;
  /** The reading of the database that serves; the markers must be in it. */
  readonly main: Reading;
  /** The count is not complete without these. */
  readonly due: readonly Reading[];
  /** These count where somebody tried to make them. */
  readonly others: readonly Reading[];
}

const TITLES: Readonly<Record<Reading, string>> = {
  serving: 'the serving database',
  'old-primary': 'the old primary',
  'after-return': 'the serving database after the return of the lost region',
  peer: 'the second serving database',
  'peer-after-return': 'the database of the returned region',
  'after-failback': 'the serving database after the failback',
};

/** What the first count rests on. Where two regions serve in the end, both must be read then. */
function countOfDrill(
  run: Timeline,
  disaster: Disaster,
  { readings }: Pick<StoreEvidence, 'readings'>,
): Count {
  const isReadLater = readings.has('after-return') || readings.has('peer-after-return');
  const isLater = isReadLater || run.first('region.returned') !== undefined;
  const pair: readonly Reading[] = isLater ? ['after-return', 'peer-after-return'] : ['peer'];
  const due = servesTwice(run, disaster) ? pair : [];
  return {
    slice: 'drill',
    main: 'serving',
    due,
    others: ['peer', 'after-return', 'peer-after-return'],
  };
}

/** Whether both regions of two that serve are there in the end. */
export function servesTwice(run: Timeline, { effect }: Disaster): boolean {
  if (run.plan.strategy !== 'active-active') return false;
  return run.first('region.returned') !== undefined || effect.region !== 'dead';
}

/** Doubts about the readings: with any of them, neither a loss nor a violation is proved. */
export function readingDoubts(
  run: Timeline,
  from: StoreEvidence,
  classified: Classified | null,
  count: Count,
): Doubt[] {
  const { store, readings, operations } = from;
  if (classified === null || operations === null) {
    const failure = readingFailure(run, store, count.main);
    const why = failure ?? 'it was never read';
    const reason = `What survived in ${TITLES[count.main]} is not known: ${why}.`;
    return (failure === null ? missing : doubts)('loss', [reason]);
  }
  // A second reading that nobody tried is no doubt, unless it is due.
  const others = count.others.flatMap((reading) => {
    const wasTried = readOf(run, store, reading) !== undefined || readings.has(reading);
    if (wasTried) return wholeDoubts(run, from, reading);
    if (!count.due.includes(reading)) return [];
    return [`What survived in ${TITLES[reading]} is not known: it was never read.`];
  });
  const markers = run.ofSlice('marker.written', store, count.slice);
  return doubts('loss', [
    ...wholeDoubts(run, from, count.main),
    ...others,
    ...markerDoubts(markers, operations, classified),
  ]);
}

/** Whether the database was read to its end, and the file holds all that it gave. */
function wholeDoubts(run: Timeline, from: StoreEvidence, reading: Reading): string[] {
  const title = TITLES[reading];
  const rows = from.readings.get(reading)?.count ?? 0;
  const read = readOf(run, from.store, reading);
  if (read === undefined) return [`The journal does not say that ${title} was read to its end.`];
  if (!read.ok) {
    return [`${capital(title)} could not be read to its end: ${plainDetail(read.detail)}.`];
  }
  if (read.rows === rows) return [];
  const file = RUN_FILES[STORE_FILES[from.store].survivors];
  const name = reading === 'serving' ? 'The database' : capital(title);
  return [`${name} gave ${read.rows} rows, ${file} holds ${rows}.`];
}

/** Whether the markers prove that the database that was read is the one that serves. */
function markerDoubts(
  markers: readonly EventOf<'marker.written'>[],
  operations: Operations,
  { present, presentLast }: Classified,
): string[] {
  if (markers.length === 0) {
    return ['No marker was written, so nothing proves which database serves.'];
  }
  return markers.flatMap(({ writer, sequence, ok, detail }, at) => {
    if (!ok) return [`The marker could not be written: ${plainDetail(detail)}.`];
    const row = rowOfWrite(operations, { writer, sequence });
    // Later ones may have been written after the first reading.
    const isFound = row >= 0 && (present[row]! > 0 || (at > 0 && presentLast[row]! > 0));
    const missing =
      `The marker ${writeId({ writer, sequence })} is not among the survivors, ` +
      'so the database that was read is not the one that serves.';
    return isFound ? [] : [missing];
  });
}

function readOf(run: Timeline, store: StoreRole, reading: Reading) {
  return run.ofStore('survivors.read', store).findLast((event) => event.reading === reading);
}

/** The first broken half of the second opinion blocks a pass; the second is a note. */
function secondOpinionDoubts(run: Timeline, from: StoreEvidence, { second }: Loss): string[] {
  // Of a disk that was read the rows must be there; one that nobody read is a note.
  const isRead = readOf(run, from.store, 'old-primary')?.ok === true;
  const gone = isRead ? wholeDoubts(run, from, 'old-primary') : [];
  if (second === null || second.agrees) return gone;
  const rows = counted(second.unexplained, 'write');
  const what = 'that neither loss nor unknown outcomes explain';
  return [...gone, `The old primary holds ${rows} ${what}.`];
}

/** Why a reading is missing, in words for a sentence; null when the journal does not say. */
function readingFailure(run: Timeline, store: StoreRole, reading: Reading): string | null {
  const failed = run
    .ofStore('survivors.read', store)
    .find((event) => event.reading === reading && !event.ok);
  return failed === undefined ? null : plainDetail(failed.detail);
}
