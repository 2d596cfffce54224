// The strings with units of drill files; times, shares and sizes as people read them.

const DURATION_UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const DAY_MS = 24 * 3_600_000;
const SIZE_UNITS: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1000,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
};
const NUMBER = '[0-9]{1,15}(\\.[0-9]{1,9})?';

/** A unit of the drill file: the form of a text, and the way to a number and back. */
export interface Unit {
  /** The source of a regular expression, anchored by its users; the JSON schema shows it too. */
  readonly pattern: string;
  /** What makes a bare number one of this unit: `s`. */
  readonly suffix: string;
  /** Null for anything that has not the form. */
  readonly parse: (text: string) => number | null;
  readonly write: (value: number) => string;
}

/** `250ms 1s 2.5s 5m 1h` in milliseconds. */
export const DURATION: Unit = {
  pattern: `${NUMBER}(ms|s|m|h)`,
  suffix: 's',
  parse: parseDuration,
  write: writeDuration,
};
/** `30d` in milliseconds. */
export const DAYS: Unit = {
  pattern: '[0-9]{1,5}d',
  suffix: 'd',
  parse: (text) => parseWithUnit(text, DAYS.pattern, { d: DAY_MS }),
  write: (ms) => `${plain(ms / DAY_MS)}d`,
};
/** `200/s` as a number per second. */
export const RATE: Unit = {
  pattern: `${NUMBER}/s`,
  suffix: '/s',
  parse: (text) => parseWithUnit(text, RATE.pattern, { '/s': 1 }),
  write: writeRate,
};
/** `256B 4KiB 1MiB 10kB 2GB` in whole bytes; there are no parts of a byte. */
export const SIZE: Unit = {
  pattern: `${NUMBER}(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)`,
  suffix: 'B',
  parse: (text) => {
    const bytes = parseWithUnit(text, SIZE.pattern, SIZE_UNITS);
    return bytes !== null && Number.isInteger(bytes) ? bytes : null;
  },
  write: writeSize,
};
/** `99.5%` as a share, 0.995. */
export const PERCENT: Unit = {
  pattern: `${NUMBER}%`,
  suffix: '%',
  parse: (text) => {
    const percent = parseWithUnit(text, PERCENT.pattern, { '%': 1 });
    return percent === null ? null : Number((percent / 100).toPrecision(15));
  },
  write: writePercent,
};

export function parseDuration(text: string): number | null {
  return parseWithUnit(text, DURATION.pattern, DURATION_UNITS);
}

function parseWithUnit(
  text: string,
  pattern: string,
  units: Readonly<Record<string, number>>,
): number | null {
  if (!new RegExp(`^${pattern}$`).test(text)) return null;
  const unit = /[^0-9.]+$/.exec(text)![0];
  // Rounded to 15 figures, so that 0.07s is 70 and not 70.00000000000001.
  return Number((Number(text.slice(0, -unit.length)) * units[unit]!).toPrecision(15));
}

/** The shortest exact form for a drill file: `15s`, `90s`, `2.5s`, `5m`. */
export function writeDuration(ms: number): string {
  if (ms === 0) return '0s';
  for (const unit of ['h', 'm'] as const) {
    const size = DURATION_UNITS[unit]!;
    if (ms % size === 0) return `${ms / size}${unit}`;
  }
  return ms >= 1000 ? `${plain(ms / 1000)}s` : `${plain(ms)}ms`;
}

/** `200/s` */
export function writeRate(perSecond: number): string {
  return `${plain(perSecond)}/s`;
}

/** The shortest exact form: `4KiB`, `300B`, `2GB`. */
export function writeSize(bytes: number): string {
  const exact = Object.entries(SIZE_UNITS).filter(([, size]) => bytes > 0 && bytes % size === 0);
  const forms = exact.map(([unit, size]) => `${bytes / size}${unit}`);
  return forms.toSorted((a, b) => a.length - b.length)[0] ?? `${bytes}B`;
}

/** `99.5%` for the share 0.995 */
export function writePercent(share: number): string {
  return `${plain(share * 100)}%`;
}

function plain(value: number): string {
  return value.toFixed(9).replace(/\.?0+$/, '');
}

/**
 * A time for people, three figures or so: `0.4 ms`, `310 ms`, `2.31 s`, `1 m 05 s`, `2 h 03 m`.
 * Nothing at all is `0 s`, and only that.
 */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return 'unbounded';
  if (ms < 0) return `-${formatDuration(-ms)}`;
  if (ms === 0) return '0 s';
  if (ms < 0.05) return 'under 0.1 ms';
  if (ms < 9.95) return `${trim(ms.toFixed(1))} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_995) return `${trim((ms / 1000).toFixed(2))} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${twoDigits(seconds % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} m`;
}

/** The time that `formatDuration` shows, in milliseconds. */
export function roundAsShown(ms: number): number {
  const step = ms < 9.95 ? 0.1 : ms < 999.5 ? 1 : ms < 59_995 ? 10 : ms < 3_599_500 ? 1000 : 60_000;
  return Number((Math.round(ms / step) * step).toPrecision(15));
}

/** A share, 0–1, for people: `0 %`, `under 0.1 %`, `3.4 %`, `56 %`. */
export function formatPercent(share: number): string {
  const value = 100 * share;
  if (value > 0 && value < 0.05) return 'under 0.1 %';
  return `${Number(value.toFixed(value < 9.95 ? 1 : 0))} %`;
}

/**
 * A share, 0–1, of what was served, for people: exact where it is short, else cut off, so that it
 * is never rounded up to a whole that it is not: `95 %`, `95.2 %`, `99.9951 %`.
 */
export function formatShare(share: number): string {
  const value = Number((100 * share).toPrecision(12));
  if (value === Number(value.toFixed(4))) return `${value} %`;
  const lacking = 100 - value;
  const digits = lacking >= 1 ? 1 : Math.ceil(-Math.log10(lacking)) + 1;
  return `${Math.floor(value * 10 ** digits) / 10 ** digits} %`;
}

/** `12 B`, `3.4 kB`, `1.2 MB`; decimal, as networks are measured. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

function trim(decimal: string): string {
  return decimal.replace(/\.?0+$/, '');
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** `2026-12-01 09:00`, of a moment as `toISOString` writes it. */
export function writeMinute(at: string): string {
  return at.slice(0, 16).replace('T', ' ');
}
