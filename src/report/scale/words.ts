// One drill at several sizes in words, the same in every form: the lines through the times, and
// what they say of a size that was not measured.
import { formatDuration, writePercent, writeSize } from '../../base/units.ts';
import { count } from '../../screen/text.ts';
import type { Scale, ScaleFit } from '../../verdict/scale.ts';
import { figureRemarks } from '../compare/sheet.ts';

const EXTRAPOLATED = 'EXTRAPOLATED, not measured';

const NO_LINE = 'No run passed or failed on its numbers, so there is no line.';

export function titleText({ name, strategy, sizes }: Scale): string {
  const runs = sizes.reduce((sum, { drill }) => sum + drill.runs.length, 0);
  return `${name} (${strategy}) at ${count(sizes.length, 'size')}, ${count(runs, 'run')}`;
}

export const LINE_HEAD = ['', 'without data', 'per GB', 'R²', 'points'];

/** None where no run has a place on a line. */
export function lineRows({ fits }: Scale): string[][] {
  if (fits.every(({ points }) => points.length === 0)) return [];
  return fits.map(({ name, line, points }) => {
    if (line === null) return [name, '', '', '', String(points.length)];
    // Every line meets two points.
    const isKnown = line.r_squared !== null && line.per_gb_error_ms !== null;
    const share = isKnown ? line.r_squared.toFixed(2) : '?';
    const zero = withError(line.at_zero_ms, line.at_zero_error_ms);
    const growth = withError(line.per_gb_ms, line.per_gb_error_ms);
    return [name, zero, growth, share, String(points.length)];
  });
}

function withError(ms: number, error: number | null): string {
  return `${formatDuration(ms)} ± ${error === null ? '?' : formatDuration(error)}`;
}

/** What has to be known to read what was measured. */
export function measuredNotes({ sizes, not_made }: Scale): string[] {
  const notes = figureRemarks(sizes.map(({ drill }) => drill));
  if (not_made > 0) notes.push(`${count(not_made, 'run')} of those asked for not made.`);
  return notes;
}

/** What has to be known to read the lines. */
export function lineNotes({ fits }: Scale): string[] {
  if (fits.every(({ points }) => points.length === 0)) return [NO_LINE];
  const notes = ['A straight line by least squares through all runs, ± one standard error.'];
  if (fits.some(({ line }) => line !== null && line.per_gb_error_ms === null)) {
    notes.push('Two points give no error: name three sizes or more, or --repeat 2.');
  }
  if (fits.some(({ missing }) => missing > 0)) {
    notes.push('A run that neither passed nor failed, or that lacks the time, is on no line.');
  }
  return notes;
}

export function extrapolatedTitle({ to_bytes }: Scale): string | null {
  return to_bytes === null ? null : `${EXTRAPOLATED}: at ${writeSize(to_bytes)}`;
}

export function extrapolatedRows({ fits }: Scale): string[][] {
  const rows = fits.map(({ name, ...fit }) => [name, extrapolatedText(fit)] as const);
  const [, first = ''] = rows[0] ?? [];
  const isOne = rows.length > 1 && rows.every(([, text]) => text === first);
  return isOne ? [['all', first]] : rows.map((row) => [...row]);
}

function extrapolatedText({ extrapolated, refused }: Omit<ScaleFit, 'name'>): string {
  if (extrapolated === null) return `refused: ${refused}`;
  const { value_ms, low_ms, high_ms, confidence } = extrapolated;
  const interval = `${formatDuration(low_ms)} to ${formatDuration(high_ms)}`;
  const kind = `${writePercent(confidence)} prediction interval`;
  return `${formatDuration(value_ms)} (${interval}, ${kind})`;
}
