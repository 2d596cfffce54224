// Words for what a drill measured over time: a value, its trend, how long ago something was.
import { formatDuration } from '../../base/units.ts';
import { quantity } from '../../drill/gate/gate.ts';
import type { Gate } from '../../verdict/result.ts';
import { slowerShare, slowerWords } from '../../drill/regression.ts';
import { count } from '../../screen/text.ts';

/** Null: not measured. Infinity: a wait that never ended. */
export function valueWords(value: number | null, { unit }: Pick<Gate, 'unit'>): string {
  if (value === null) return 'not measured';
  return Number.isFinite(value) ? quantity(value, unit) : 'never';
}

/** Of what only the shared history tells. */
export function toldWords({ machine, who }: { machine: string; who: string }): string {
  return `on ${machine}, as ${who} told it there; not verified here`;
}

/** The newest runs against those before them. */
interface Trend {
  readonly way: 'slower' | 'faster' | 'steady';
  readonly by: number;
}

interface Trending {
  /** Of the gate. */
  readonly name: string;
  readonly trend: Trend | null;
}

export function trendWords({ name, trend }: Trending, isPlain: boolean): string {
  if (trend === null) return '';
  const way = isLoss(name) ? LOSS_WAYS[trend.way] : trend.way;
  if (trend.way === 'steady' || !Number.isFinite(trend.by)) return way;
  const arrow = isPlain ? '' : trend.way === 'slower' ? '▲ ' : '▼ ';
  return `${arrow}${slowerShare(trend.by)} ${way}`;
}

/** What is lost is not slow. */
const LOSS_WAYS = { slower: 'more', faster: 'less', steady: 'steady' } as const;

function isLoss(name: string): boolean {
  return /\b(rpo|lost_writes)$/i.test(name);
}

/** `3 days ago`, `2 h ago` */
export function ageWords(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000));
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${count(Math.floor(ms / 86_400_000), 'day')} ago`;
}

type Unit = 'ms' | 'writes';

export function numberWords(value: number | null, unit: Unit): string {
  if (value === null) return 'not measured';
  return unit === 'ms' ? formatDuration(value) : String(value);
}

interface Compared {
  readonly name: string;
  readonly before: number | null;
  readonly now: number | null;
  readonly unit: Unit;
}

export function differenceWords({ name, before, now, unit }: Compared): string {
  if (before === null || now === null || before === now) return '';
  if (unit === 'ms' && before > 0 && isLoss(name)) {
    return `${slowerShare(Math.abs(now / before - 1))} ${now > before ? 'more' : 'less'}`;
  }
  if (unit === 'ms' && before > 0) return slowerWords(now / before - 1).replace('as fast', 'alike');
  return now > before ? 'more' : 'fewer';
}
