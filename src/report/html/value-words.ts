// Values and moments of a chart in words: on its axes, and where somebody points.
import { formatBytes, formatDuration } from '../../base/units.ts';

export type ChartUnit = 'ms' | 'per_s' | 'bytes';

export const VALUE_WORDS: Readonly<Record<ChartUnit, (value: number) => string>> = {
  ms: formatDuration,
  per_s: (value) => `${value.toLocaleString('en-US')}/s`,
  bytes: formatBytes,
};

/** Since the disaster: `−1 s`, `0`, `2.5 s`. */
export function momentText(ms: number): string {
  if (Math.abs(ms) < 0.05) return '0'; // times are shown to a tenth of a millisecond
  return ms < 0 ? `−${formatDuration(-ms)}` : formatDuration(ms);
}
