// When each run of a game day ran, to scale: a bar for each, by the wall clock.
import { formatDuration } from '../../base/units.ts';
import type { Verdict } from '../../verdict/result.ts';
import { escapeHtml } from '../html/style.ts';
import { verdictWord } from '../summary/verdict-words.ts';

export interface RunOfDay {
  readonly drill: string;
  readonly id: string;
  readonly verdict: Verdict;
  /** Of the wall clock. */
  readonly began_ms: number;
  readonly ended_ms: number;
}

const WIDTH = 720;
const NAMES = 180;
const ROW = 26;
const BAR = 14;
const TOP = 24;
const NAME_MAX = 26;

export const DAY_STYLE = `
svg .run { fill: var(--warn); } svg .run.pass { fill: var(--good); }
svg .run.fail, svg .run.internal { fill: var(--bad); }
.badge.open { background: #5b6472; }
`;

/** `runs` has one at least. */
export function dayTimeline(runs: readonly RunOfDay[]): string {
  const from_ms = Math.min(...runs.map(({ began_ms }) => began_ms));
  const to_ms = Math.max(...runs.map(({ ended_ms }) => ended_ms));
  const length_ms = Math.max(1, to_ms - from_ms);
  const x = (ms: number) => NAMES + ((ms - from_ms) / length_ms) * (WIDTH - NAMES - 10);
  const height = TOP + runs.length * ROW + 6;
  const rows = runs.map((run, at) => row(run, TOP + at * ROW, x));
  return `<svg viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img"
 aria-label="${escapeHtml(described(runs))}">
<text class="label" x="${NAMES}" y="14">${clock(from_ms)}</text>
<text class="label" x="${WIDTH - 10}" y="14" text-anchor="end">${clock(to_ms)}</text>
${rows.join('\n')}
</svg>`;
}

function row(
  { drill, verdict, began_ms, ended_ms }: RunOfDay,
  y: number,
  x: (ms: number) => number,
): string {
  const left = x(began_ms);
  const width = Math.max(2, x(ended_ms) - left);
  const name = drill.length > NAME_MAX ? `${drill.slice(0, NAME_MAX - 1)}…` : drill;
  const title = escapeHtml(runWords({ drill, verdict, began_ms, ended_ms }));
  const place = `x="${left.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${BAR}"`;
  return `<text class="label" x="0" y="${y + BAR - 2}">${escapeHtml(name)}</text>
<rect class="run ${verdict}" ${place} rx="2"><title>${title}</title></rect>`;
}

function runWords({ drill, verdict, began_ms, ended_ms }: Omit<RunOfDay, 'id'>): string {
  const took = formatDuration(ended_ms - began_ms);
  return `${drill}: ${verdictWord(verdict)}, from ${clock(began_ms)}, ${took}`;
}

function described(runs: readonly RunOfDay[]): string {
  return runs.map(runWords).join('; ');
}

/** `09:00:12` */
function clock(ms: number): string {
  return new Date(ms).toISOString().slice(11, 19);
}
