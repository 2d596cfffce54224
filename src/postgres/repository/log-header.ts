// The first bytes of a segment say what it is (PostgreSQL's XLogLongPageHeaderData), so that a file
// of another cluster, place or size is never taken for it.
import { segmentName, timelineOf } from '../server/lsn.ts';
import type { LogSource } from './stored-log.ts';

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
