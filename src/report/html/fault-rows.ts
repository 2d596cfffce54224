// The faults of a run as rows of its drawing, each with its name, where several lasted or nothing
// else tells what did.
import { hasDisaster } from '../../drill/plan/clock.ts';
import { formatDuration } from '../../base/units.ts';
import type { FaultView, RunView } from '../view/run-view.ts';
import { RIGHT, WIDTH, round, type TimeScale } from './axis.ts';
import { escapeHtml } from './style.ts';

const ROW = 22;
const BAR = 16;
/** A name needs so much for each of its letters. */
const LETTER = 7.2;

interface FaultRows {
  readonly parts: readonly string[];
  readonly height: number;
}

/** Of a fault that is repeated one row. */
export function faultRows(
  { plan, faults, span }: Pick<RunView, 'plan' | 'faults' | 'span'>,
  y: number,
  scale: TimeScale,
): FaultRows {
  if (hasDisaster(plan) && faults.length < 2) return { parts: [], height: 0 };
  const names = [...new Set(faults.map(({ name }) => name))];
  const shown = names
    .map((name) => faults.filter((each) => each.name === name && isShown(each, scale)))
    .filter((each) => each.length > 0);
  const parts = shown.map((each, at) =>
    rowOf(each, y + at * ROW, { ...scale, end_ms: span.to_ms }),
  );
  return { parts, height: parts.length * ROW };
}

function isShown({ from_ms, to_ms }: FaultView, scale: TimeScale): boolean {
  return from_ms < scale.to_ms && to_ms > scale.from_ms;
}

/** What lasts to the end of what is shown has no length of its own. */
function rowOf(
  faults: readonly FaultView[],
  y: number,
  { x, from_ms, end_ms }: TimeScale & { readonly end_ms: number },
): string {
  const [first] = faults;
  const { name } = first!;
  const took = first!.to_ms < end_ms ? `, ${formatDuration(first!.to_ms - first!.from_ms)}` : '';
  const words = `${name}${faults.length === 1 ? took : `, ${faults.length} times`}`;
  const bars = faults.map((each) => {
    const left = round(x(Math.max(from_ms, each.from_ms)));
    const width = Math.max(2, round(x(each.to_ms) - left));
    const place = `x="${left}" y="${y}" width="${width}" height="${BAR}"`;
    return `<rect class="fault-bar" ${place}><title>${escapeHtml(name)}</title></rect>`;
  });
  const left = round(x(Math.max(from_ms, first!.from_ms))) + 6;
  const isRight = left + words.length * LETTER > WIDTH - RIGHT;
  const place = isRight ? `x="${WIDTH - RIGHT - 4}" text-anchor="end"` : `x="${left}"`;
  return `${bars.join('')}<text class="label" ${place} y="${y + 12}">${escapeHtml(words)}</text>`;
}
