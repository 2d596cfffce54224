// One truth that was planted, and what drill measured of it.

/** `outside`: drill is wrong. `unmeasured`: it said itself that it could not measure. */
export type Standing = 'inside' | 'outside' | 'unmeasured';

export interface PlantedRow {
  readonly group: 'outages' | 'losses' | 'surroundings';
  /** `refused for 333 ms` */
  readonly what: string;
  readonly unit: 'ms' | 'writes' | 'alarms';
  readonly planted: number;
  /** Null where drill measured nothing. */
  readonly measured: number | null;
  /** How far it is from the truth; of writes, how many are in the wrong class. */
  readonly error: number | null;
  /** Between these, says drill, the truth lies; null: it measured nothing. */
  readonly low: number | null;
  readonly high: number | null;
  readonly standing: Standing;
  /** What there is to say besides; empty: nothing. */
  readonly note: string;
}

export function isWithin(truth: number, { low, high }: Pick<PlantedRow, 'low' | 'high'>): Standing {
  if (low === null || high === null) return 'unmeasured';
  return truth >= low && truth <= high ? 'inside' : 'outside';
}
