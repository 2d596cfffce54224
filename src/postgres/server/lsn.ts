// Positions in the write-ahead log, as bytes and as PostgreSQL writes them, and the names of the
// segment files that hold them.

/** Positions that a 32-bit half can tell apart. */
const HALF = 0x1_0000_0000n;
export const SEGMENT_NAME = /^[0-9A-F]{24}$/;

/** `0/174B340` in bytes. */
export function parseLsn(text: string): bigint {
  const [, high, low] = /^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/.exec(text) ?? [];
  if (high === undefined) throw new Error(`expected a position such as 0/174B340, found "${text}"`);
  return BigInt(`0x${high}`) * HALF + BigInt(`0x${low}`);
}

export function formatLsn(lsn: bigint): string {
  const hex = (half: bigint) => half.toString(16).toUpperCase();
  return `${hex(lsn / HALF)}/${hex(lsn % HALF)}`;
}

/** The position at which the segment begins that holds this one. */
export function segmentStart(lsn: bigint, segment_bytes: number): bigint {
  return lsn - (lsn % BigInt(segment_bytes));
}

/** `000000010000000000000003`: timeline, and the number of the segment in two halves. */
export function segmentName(timeline: number, lsn: bigint, segment_bytes: number): string {
  const number = lsn / BigInt(segment_bytes);
  const perHalf = HALF / BigInt(segment_bytes);
  const hex = (part: bigint) => part.toString(16).toUpperCase().padStart(8, '0');
  return hex(BigInt(timeline)) + hex(number / perHalf) + hex(number % perHalf);
}

export function timelineOf(segment: string): number {
  return parseInt(segment.slice(0, 8), 16);
}

/** The position at which the segment of that name begins. */
export function startOf(segment: string, segment_bytes: number): bigint {
  const high = BigInt(`0x${segment.slice(8, 16)}`);
  return high * HALF + BigInt(`0x${segment.slice(16)}`) * BigInt(segment_bytes);
}
