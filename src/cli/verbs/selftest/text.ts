// What `drill selftest` prints: each planted truth beside what was measured of it, then what the
// instrument costs.
import { formatDuration } from '../../../base/units.ts';
import { makePaint, type Paint } from '../../../screen/paint.ts';
import { count, formatCount, padStart, table } from '../../../screen/text.ts';
import { verdictBadge } from '../../../report/summary/verdict-words.ts';
import type { PlantedRow, Standing } from '../../../selftest/row.ts';
import type { SelfTest } from '../../../selftest/selftest.ts';

const HEAD = ['', 'planted', 'truth', 'measured', 'error', 'drill says'];
const WORDS: Readonly<Record<Standing, readonly [string, 'good' | 'bad' | 'warn']>> = {
  inside: ['ok', 'good'],
  outside: ['OUTSIDE', 'bad'],
  unmeasured: ['?', 'warn'],
};

/** Less is nothing, to whoever reads it. */
const LEAST_MS = 0.1;

interface Look {
  readonly columns: number;
  readonly hasColour: boolean;
}

/** Ends with a newline. */
export function selfTestText(test: SelfTest, { columns, hasColour }: Look): string {
  const paint = makePaint(hasColour);
  const { rows, verdict } = test;
  const lines = table([HEAD, ...rows.map((row) => cells(row, paint))], columns - 2);
  const notes = rows.filter(({ note }) => note !== '').map(({ what, note }) => `${what}: ${note}`);
  return [
    `${verdictBadge(verdict, paint)}  ${titleOf(test)}`,
    '',
    ...lines.map((line) => `  ${line}`),
    '',
    ...notes.map((note) => `  ${note}`),
    ...(notes.length > 0
      ? ['  Try again on a quiet machine: what is busy cannot be measured.', '']
      : []),
    ...instrumentLines(test).map((line) => `  ${line}`),
    '',
  ].join('\n');
}

function titleOf({ rows }: SelfTest): string {
  const of = (wanted: Standing) => rows.filter(({ standing }) => standing === wanted).length;
  const outside = of('outside');
  const open = of('unmeasured');
  const inside = `${of('inside')} of ${count(rows.length, 'truth')} inside the printed interval`;
  const wrong = outside === 0 ? '' : `, ${outside} outside: do not trust drill on this machine`;
  const busy = open === 0 ? '' : `, ${open} not measured`;
  return `selftest: ${inside}${wrong}${busy}`;
}

function cells(row: PlantedRow, paint: Paint): string[] {
  const { what, planted, measured, error, low, high, standing } = row;
  const value = (n: number | null) => (n === null ? '-' : amount(row, n));
  const [word, style] = WORDS[standing];
  const span = low === null || high === null ? '-' : between(value(low), value(high));
  const off = error === null ? '-' : distance(row, Math.abs(error));
  return [paint(style, word), what, value(planted), value(measured), padStart(off, 6), span];
}

/** `328 to 335 ms`; one number where both ends read alike. */
function between(low: string, high: string): string {
  if (low === high) return low;
  const unit = / [a-zµ]+$/.exec(high)?.[0] ?? '';
  return `${low.endsWith(unit) ? low.slice(0, low.length - unit.length) : low} to ${high}`;
}

function amount({ unit }: Pick<PlantedRow, 'unit'>, n: number): string {
  return unit === 'ms' ? formatDuration(n) : formatCount(n);
}

function distance(row: Pick<PlantedRow, 'unit'>, n: number): string {
  return row.unit === 'ms' && n < LEAST_MS ? '0 ms' : amount(row, n);
}

function instrumentLines({ instrument }: SelfTest): string[] {
  const { proxy_ms, ledger_us, start_ms, wait_ms } = instrument;
  const spread = ({ p50, p99 }: { readonly p50: number; readonly p99: number }) => {
    return [`${fine(p50)} ms`, `${fine(p99)} ms`];
  };
  return table([
    ['the instrument, here', 'middle', '99th %'],
    ['the built-in proxy adds to a request', ...spread(proxy_ms)],
    ['an operation starts late by', ...spread(start_ms)],
    ['a wait of 1 ms takes longer by', ...spread(wait_ms)],
    ['an operation in the ledger', `${fine(ledger_us)} µs`],
  ]);
}

function fine(n: number): string {
  return n.toFixed(Math.abs(n) < 10 ? 2 : 1);
}
