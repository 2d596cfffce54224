// The log that a repository holds: which segments are whole, how far it goes without a gap, and
// which of it no kept backup needs.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  formatLsn,
  parseLsn,
  SEGMENT_NAME,
  segmentName,
  segmentStart,
  startOf,
  timelineOf,
} from '../server/lsn.ts';
import type { LogSource } from '../replicate/replication-connection.ts';
import { listSegments, type BackupFacts } from './layout.ts';
import type { StoredLog } from './protocol.ts';

/** Begins the name of a file that is being taken. */
export const TAKEN = '.taken-';
/** A segment, or the note about a backup that began in it. */
export const LOG_FILE = /^[0-9A-F]{24}(\.[0-9A-F]{8}\.backup)?$/;

/**
 * The end of the log that is there without a gap from the segment on that holds `from`; `from`'s
 * segment itself when that is not there.
 */
export function endOfRun(names: ReadonlySet<string>, source: LogSource, from: bigint): bigint {
  const { timeline, segment_bytes } = source;
  let end = segmentStart(from, segment_bytes);
  while (names.has(segmentName(timeline, end, segment_bytes))) end += BigInt(segment_bytes);
  return end;
}

export class LogStore {
  readonly #directory: string;
  readonly #names: Set<string>;
  /** Null as long as nothing is known of the cluster. */
  #source: LogSource | null = null;
  #end: bigint | null = null;
  #at_ms: number | null = null;
  #touched_ms: number | null = null;

  constructor(directory: string) {
    this.#directory = directory;
    for (const name of readdirSync(directory)) {
      if (name.startsWith(TAKEN)) rmSync(join(directory, name), { force: true });
    }
    this.#names = new Set(listSegments(directory));
  }

  /** Remembers the first that it is told; else says in words what does not agree with that. */
  admit(source: LogSource): string | null {
    const known = (this.#source ??= source);
    const facts = ['system', 'timeline', 'segment_bytes'] as const;
    const words = { system: 'cluster', timeline: 'timeline', segment_bytes: 'segment size' };
    const other = facts.find((fact) => known[fact] !== source[fact]);
    if (other === undefined) return null;
    const found = `${words[other]} ${source[other]}`;
    return `this storage keeps the log of ${words[other]} ${known[other]}, not of ${found}`;
  }

  /** Notes about backups are no log. */
  add(file: string): void {
    if (SEGMENT_NAME.test(file)) this.#names.add(file);
  }

  /** The end of the last complete segment; null when there is none. */
  wholeUntil({ segment_bytes, timeline }: LogSource): bigint | null {
    const last = [...this.#names]
      .filter((name) => timelineOf(name) === timeline)
      .sort()
      .at(-1);
    return last === undefined ? null : startOf(last, segment_bytes) + BigInt(segment_bytes);
  }

  /** Something was added; whether the log is longer for it, `state` finds out. */
  touch(now_ms: number): void {
    this.#touched_ms = now_ms;
  }

  #endNow(backups: readonly BackupFacts[], flushed: bigint | null): bigint | null {
    const source = this.#source;
    if (source === null) return null;
    const [first] = [...this.#names].sort();
    // A backup carries its own log: it is worth something where nothing came after it.
    const runs = backups.map(({ lsn, end_lsn }) => ({
      from: parseLsn(lsn),
      least: parseLsn(end_lsn),
    }));
    if (runs.length === 0 && first !== undefined) {
      runs.push({ from: startOf(first, source.segment_bytes), least: 0n });
    }
    if (runs.length === 0 && flushed !== null) runs.push({ from: flushed - 1n, least: 0n });
    let best: bigint | null = null;
    for (const { from, least } of runs) {
      const whole = endOfRun(this.#names, source, from);
      const isNext = flushed !== null && segmentStart(flushed, source.segment_bytes) === whole;
      const reached = isNext ? flushed : whole;
      const end = reached > least ? reached : least;
      if (end > from && (best === null || end > best)) best = end;
    }
    return best;
  }

  /** `flushed` is how far the unfinished segment goes. */
  state(
    backups: readonly BackupFacts[],
    flushed: bigint | null,
  ): Pick<StoredLog, 'last_segment' | 'end_lsn' | 'at_ms'> {
    const end = this.#endNow(backups, flushed);
    if (end !== null && (this.#end === null || end > this.#end)) {
      this.#end = end;
      this.#at_ms = this.#touched_ms;
    }
    return {
      last_segment: [...this.#names].sort().at(-1) ?? null,
      end_lsn: this.#end === null ? null : formatLsn(this.#end),
      at_ms: this.#at_ms,
    };
  }

  /** Removes what lies before the segment in which the oldest kept backup begins. */
  prune(oldest: BackupFacts): void {
    const { timeline, segment_bytes, lsn } = oldest;
    const needed = segmentName(timeline, parseLsn(lsn), segment_bytes);
    for (const name of readdirSync(this.#directory)) {
      const isOlder = LOG_FILE.test(name) && name.slice(0, needed.length) < needed;
      if (!isOlder) continue;
      rmSync(join(this.#directory, name), { force: true });
      this.#names.delete(name);
    }
  }
}

// The first bytes of a segment say what it is (PostgreSQL's XLogLongPageHeaderData), so that a file
// of another cluster, place or size is never taken for it.
const HEADER_BYTES = 40;
/** Flag of a page that begins a segment. */
const LONG_HEADER = 0x0002;

/** The cluster and position of the segment; a string says why it cannot be the one of that name. */
export function readLogHeader(name: string, head: Buffer, bytes: number): LogSource | string {
  if (head.length < HEADER_BYTES || (head.readUInt16LE(2) & LONG_HEADER) === 0) {
    return `${name}: expected a segment of write-ahead log, found something else`;
  }
  const segment_bytes = head.readUInt32LE(32);
  if (segment_bytes !== bytes) {
    return `${name}: expected ${segment_bytes} bytes, as it says itself, found ${bytes}`;
  }
  const timeline = timelineOf(name);
  const inside = segmentName(timeline, head.readBigUInt64LE(8), segment_bytes);
  if (inside !== name) return `${name}: the file is segment ${inside}`;
  return { system: head.readBigUInt64LE(24).toString(), timeline, segment_bytes };
}
