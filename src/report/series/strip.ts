// Recovery times on one line to scale, a dot for each trial, so that their spread is seen.
import { formatDuration } from '../../base/units.ts';
import type { Paint } from '../../screen/paint.ts';
import { displayWidth } from '../../screen/text.ts';
import type { Verdict } from '../../verdict/result.ts';

interface Point {
  readonly ms: number;
  readonly verdict: Verdict;
}

/** How many trials fell on one place: `·` is one. */
const DOTS = ['·', ':', '⁝', '▪', '█'];

/** `points` are two or more; the target is drawn where it is not far away. In `width` columns. */
export function stripOf(
  points: readonly Point[],
  target: number | null,
  width: number,
  paint: Paint,
): string[] {
  const least = Math.min(...points.map(({ ms }) => ms));
  const most = Math.max(...points.map(({ ms }) => ms));
  const isNear = target !== null && target >= least && target <= most + (most - least);
  const end = isNear ? Math.max(most, target) : most;
  const [from, to] = [formatDuration(least), formatDuration(end)];
  const room = Math.min(60, width - displayWidth(from) - displayWidth(to) - 4);
  if (room < 10 || end === least) return [`  ${from}`];
  const placeOf = (ms: number) => Math.round(((ms - least) / (end - least)) * (room - 1));
  const cells = Array.from({ length: room }, () => ' ');
  for (let at = 0; at < room; at++) {
    const here = points.filter(({ ms }) => placeOf(ms) === at);
    if (here.length === 0) continue;
    const dot = DOTS[Math.min(here.length, DOTS.length) - 1]!;
    cells[at] = paint(here.every(({ verdict }) => verdict === 'pass') ? 'good' : 'bad', dot);
  }
  if (isNear && cells[placeOf(target)] === ' ') cells[placeOf(target)] = paint('dim', '│');
  const mark = isNear && target === end ? ' target' : '';
  return [`  ${from}  ${cells.join('')}  ${to}${mark}`];
}
