// Values over time in one line of text: a bar for each, the oldest first.

const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const PLAIN = ['_', '.', '-', '~', '=', '+', '*', '#'];
const [NOTHING, NEVER] = ['·', '✗'];
const [PLAIN_NOTHING, PLAIN_NEVER] = [' ', 'x'];

/**
 * Null is a value that was not measured, Infinity a wait that never ended. The height goes from
 * nothing at all to the highest, so that a small change looks small.
 */
export function sparkline(values: readonly (number | null)[], canDraw: boolean): string {
  const bars = canDraw ? BARS : PLAIN;
  const known = values.filter((value) => value !== null && Number.isFinite(value));
  const most = Math.max(0, ...known.map(Number));
  return values
    .map((value) => {
      if (value === null) return canDraw ? NOTHING : PLAIN_NOTHING;
      if (!Number.isFinite(value)) return canDraw ? NEVER : PLAIN_NEVER;
      const share = most === 0 ? 0 : Math.max(0, value) / most;
      return bars[Math.round(share * (bars.length - 1))]!;
    })
    .join('');
}
