// What the recovery region costs in a month: machines by the hour, gigabytes kept, gigabytes that
// cross over. A drill takes backups all the time, so what those come to is the measured size of one
// at the intervals of the real system, which its owner states.
import type { MonthlyCost } from '../../drill/measurement.ts';
import type { CostRates, PlannedBackup } from '../../drill/plan/plan.ts';
import { formatBytes, writeDuration } from '../../base/units.ts';
import type { NodeUsage } from '../../evidence/event.ts';
import type { Timeline } from '../timeline.ts';

const HOURS_PER_MONTH = 730;
const MONTH_MS = HOURS_PER_MONTH * 3_600_000;
/** Decimal, as disks and networks are sold. */
const GB = 1e9;
/** PostgreSQL hands over whole segments; this is its default, and what drill's clusters have. */
const SEGMENT_BYTES = 16 * 1024 * 1024;
/** Finer than any price, and enough for the cost of a process that idles; no noise behind it. */
const DIGITS = 6;

/** What was seen of the region in the steady phase; what is not known is NaN. */
export interface Standing {
  readonly nodes: readonly NodeUsage[];
  /** Bytes on the disks of all nodes. */
  readonly disk: number;
  /** Bytes that crossed over between the two looks, base backups included. */
  readonly sent: number;
  readonly from_ms: number;
  readonly to_ms: number;
}

/** A part of the figure: the amount in the currency, and how it comes about. */
interface Part {
  readonly amount: number;
  readonly words: string;
}

/** Bytes, and how they come about. */
interface Bytes {
  readonly bytes: number;
  readonly words: string;
}

/** What makes that no figure can be given. */
class Lacking extends Error {}

export function monthlyOf(run: Timeline, rates: CostRates, standing: Standing): MonthlyCost {
  const { currency } = rates;
  const { backup } = run.plan;
  try {
    const repository = backup && repositoryOf(run, backup, rates, standing);
    const kept = repository ? inRepository(repository, backup) : onDisk(standing);
    const crossing = repository ? shipped(repository) : streamed(standing);
    const parts = {
      instances: instancesPart(rates, standing.nodes),
      storage: bytesPart(kept, 'kept', rates.gb_month),
      transfer: bytesPart(crossing, 'transferred', rates.gb_transferred),
    };
    const all = Object.values(parts).filter(({ words }) => words !== '');
    return {
      currency,
      instances: parts.instances.amount,
      storage: parts.storage.amount,
      transfer: parts.transfer.amount,
      total: rounded(all.reduce((sum, { amount }) => sum + amount, 0)),
      formula: all.map(({ words }) => words).join(' + ') || 'nothing stands there',
    };
  } catch (error) {
    if (!(error instanceof Lacking)) throw error;
    const none = { instances: null, storage: null, transfer: null, total: null };
    return { currency, ...none, formula: error.message };
  }
}

/** What is stored in a region is no machine of its own. */
function instancesPart({ instance_hour }: CostRates, nodes: readonly NodeUsage[]): Part {
  const counts = new Map<keyof CostRates['instance_hour'], number>();
  for (const { node } of nodes) {
    const kind = kindOf(node);
    if (kind !== 'storage') counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  if (counts.size === 0) return { amount: 0, words: '' };
  const each = [...counts].map(([kind, count]) => {
    const price = instance_hour[kind];
    if (price === null) throw new Lacking(`cost.instance_hour has no price for ${kind}`);
    return { amount: count * price, words: `${count} ${kind} × ${price}` };
  });
  const hourly = each.reduce((sum, { amount }) => sum + amount, 0);
  const words = each.map((one) => one.words).join(' + ');
  return { amount: rounded(HOURS_PER_MONTH * hourly), words: `(${words}) × 730 h` };
}

function kindOf(node: string): keyof CostRates['instance_hour'] | 'storage' {
  const part = node.slice(node.indexOf('/') + 1);
  if (part === 'postgres' || part === 'redis' || part === 'storage') return part;
  return 'app';
}

function bytesPart({ bytes, words }: Bytes, done: string, price: number): Part {
  if (bytes === 0) return { amount: 0, words: '' };
  return { amount: rounded((bytes / GB) * price), words: `${words} ${done} × ${price} a GB` };
}

function onDisk({ disk }: Standing): Bytes {
  if (Number.isNaN(disk)) throw new Lacking('what is on the disks was not measured');
  return { bytes: disk, words: formatBytes(disk) };
}

/** What a standby is sent is measured, and goes on all month. */
function streamed(standing: Standing): Bytes {
  const rate = rateOf(standing, standing.sent);
  return { bytes: rate * MONTH_MS, words: formatBytes(rate * MONTH_MS) };
}

function rateOf({ from_ms, to_ms }: Standing, bytes: number): number {
  const rate = bytes / (to_ms - from_ms);
  // Not a number, without an end or negative, where one of the two looks is missing.
  if (rate >= 0 && rate < Infinity) return rate;
  throw new Lacking('what crosses over was not measured');
}

/** What a repository's figures come from. */
interface Repository {
  /** Bytes of one backup. */
  readonly one: number;
  readonly every_ms: number;
  readonly log: (over_ms: number) => Bytes;
}

function repositoryOf(
  run: Timeline,
  backup: PlannedBackup,
  rates: CostRates,
  standing: Standing,
): Repository {
  const log = (over_ms: number) => logIn(run, backup, rates, standing, over_ms);
  return { one: backupBytes(run), every_ms: backupEvery(rates), log };
}

/** The kept backups, and the log since the oldest of them. */
function inRepository({ one, every_ms, log }: Repository, { keep }: PlannedBackup): Bytes {
  const since = log(keep * every_ms);
  return {
    bytes: keep * one + since.bytes,
    words: `(${keep} backups of ${formatBytes(one)} + ${since.words})`,
  };
}

/** A month of backups and of log. */
function shipped({ one, every_ms, log }: Repository): Bytes {
  const all = log(MONTH_MS);
  const often = `one backup of ${formatBytes(one)} every ${writeDuration(every_ms)}`;
  return { bytes: (MONTH_MS / every_ms) * one + all.bytes, words: `(${often} + ${all.words})` };
}

/** Segments come when it is their time; log that is streamed comes as it is written. */
function logIn(
  run: Timeline,
  { wal }: PlannedBackup,
  { segment_every_ms: every_ms }: CostRates,
  standing: Standing,
  over_ms: number,
): Bytes {
  if (wal !== 'archive') {
    const backups = backupsIn(run, standing.from_ms, standing.to_ms);
    const taken = backups.reduce((sum, { bytes }) => sum + bytes, 0);
    const bytes = rateOf(standing, standing.sent - taken) * over_ms;
    return { bytes, words: `${formatBytes(bytes)} of log` };
  }
  if (every_ms === null) throw new Lacking(notStated('segment_every', '5m'));
  const segments = over_ms / every_ms;
  const size = formatBytes(SEGMENT_BYTES);
  const words = `${Math.round(segments)} segments of ${size}, one every ${writeDuration(every_ms)}`;
  return { bytes: segments * SEGMENT_BYTES, words };
}

function backupEvery({ backup_every_ms }: CostRates): number {
  if (backup_every_ms === null) throw new Lacking(notStated('backup_every', '24h'));
  return backup_every_ms;
}

function notStated(key: string, example: string): string {
  const say = `say how often your system does it, such as cost.${key}: ${example}`;
  return `${say}; a drill does it far more often`;
}

/** The newest one before the disaster is what a real one would be. */
function backupBytes(run: Timeline): number {
  const last = backupsIn(run, -Infinity, run.disaster?.started_ms ?? Infinity).at(-1);
  if (last === undefined) throw new Lacking('no backup was taken, so that its size is not known');
  return last.bytes;
}

function backupsIn(run: Timeline, from_ms: number, to_ms: number) {
  return run.all('backup.taken').filter(({ t }) => t > from_ms && t <= to_ms);
}

export function rounded(value: number): number {
  return Number(value.toFixed(DIGITS));
}
