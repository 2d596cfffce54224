// A moment out of text that PostgreSQL wrote. The fields of a clock are one only with their zone,
// and letters are none: CST is of Chicago and of Shanghai.

const FIELDS = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d+)?)/;
const ZONE = /^(?:Z|UTC|GMT|([+-]\d\d)(?::?(\d\d))?)$/;

/** No place on earth is further ahead of UTC, and none further behind it. */
const AHEAD_MS = 14 * 3_600_000;
const BEHIND_MS = 12 * 3_600_000;

/** In milliseconds; null: it has no fields of a clock, or not in a zone that is known for sure. */
export function momentOf(text: string): number | null {
  const fields = FIELDS.exec(text);
  const zone = ZONE.exec(text.slice(fields?.[0].length ?? 0).trim());
  if (fields === null || zone === null) return null;
  const [, day, time] = fields;
  const [, hours = '+00', minutes = '00'] = zone;
  const moment = Date.parse(`${day}T${time}${hours}:${minutes}`);
  return Number.isNaN(moment) ? null : moment;
}

export interface Start {
  /** The earliest, in ISO form; null: it is not known. */
  readonly started_at: string | null;
  /** The latest; null: it is known exactly, or not at all. */
  readonly started_until: string | null;
}

/** Fields without a zone that is known may be of any. */
export function startOf(text: string | undefined): Start {
  const iso = (ms: number) => new Date(ms).toISOString();
  const moment = momentOf(text ?? '');
  if (moment !== null) return { started_at: iso(moment), started_until: null };
  const there = momentOf(`${FIELDS.exec(text ?? '')?.[0]}Z`);
  if (there === null) return { started_at: null, started_until: null };
  return { started_at: iso(there - AHEAD_MS), started_until: iso(there + BEHIND_MS) };
}
