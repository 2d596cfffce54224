// What a result says besides recovery and loss: the way back, what the recovery region uses, and
// rows that two databases hold differently. Facts first, so that the summary and CI show the same.
import { formatDuration, formatPercent } from '../../base/units.ts';
import type { Paint } from '../../screen/paint.ts';
import {
  count,
  formatBytes,
  formatCount,
  padEnd,
  printable,
  truncate,
  wrap,
} from '../../screen/text.ts';
import type { Cost, MonthlyCost } from '../../drill/measurement.ts';
import type { Result, ResultDivergence, ResultFailback, Verdict } from '../../verdict/result.ts';
import { isWatched } from '../../verdict/words.ts';

/** A name, what was measured, and whether that is bad. */
interface Fact {
  readonly name: string;
  readonly text: string;
  readonly isBad?: boolean;
}

interface Section {
  readonly title: string;
  readonly facts: readonly Fact[];
}

const NAME_WIDTH = 11;
const ROWS_SHOWN = 5;
const NOT_MEASURED = 'not measured';

/** What there is to say, in the order in which it is shown. */
function sectionsOf({ failback, cost, divergence, verdict }: Result): readonly Section[] {
  return [
    ...(divergence === null ? [] : [divergenceAside(divergence)]),
    ...(failback === null ? [] : [failbackAside(failback, verdict)]),
    ...(cost === null ? [] : [costAside(cost)]),
  ];
}

/** One section for each. */
export function furtherSections(result: Result, width: number, paint: Paint): string[][] {
  return sectionsOf(result).map(({ title, facts }) => [
    paint('bold', title),
    ...facts.flatMap(({ name, text, isBad = false }) => {
      const lines = wrap(text, width - NAME_WIDTH - 4);
      return lines.map((line, i) => {
        const label = paint('dim', padEnd(i === 0 ? name : '', NAME_WIDTH));
        return `  ${label}  ${isBad ? paint('bad', line) : line}`;
      });
    }),
  ]);
}

/** One sentence for each: `Failback: protected 4.1 s, rewound; …` */
export function furtherSentences(result: Result): string[] {
  return sectionsOf(result).map(({ title, facts }) => {
    return `${title}: ${facts.map(({ name, text }) => `${name} ${text}`).join('; ')}.`;
  });
}

function failbackAside(failback: ResultFailback, verdict: Verdict): Section {
  const { protected_ms, protected_how, switchover_ms, pause_ms, rto_ms, loss, salvaged } = failback;
  const isSeen = isWatched(failback, verdict);
  const how = protected_how === null ? '' : `, ${protected_how}`;
  const lost =
    loss === null ? null : `${formatCount(loss.lost)} of ${formatCount(loss.acknowledged)}`;
  return {
    title: 'Failback',
    facts: [
      { name: 'protected', text: `${duration(protected_ms)}${protected_ms === null ? '' : how}` },
      { name: 'switch-over', text: duration(switchover_ms) },
      { name: 'write pause', text: duration(pause_ms) },
      { name: 'RTO', text: rtoWords(failback, isSeen), isBad: rto_ms === null && isSeen },
      {
        name: 'lost',
        text: lost === null ? 'not counted' : `${lost} acknowledged writes`,
        isBad: loss !== null && loss.lost > 0,
      },
      ...(salvaged === null
        ? []
        : [
            {
              name: 'salvaged',
              text: `${count(salvaged, 'row')} that only the old primary's disk had`,
            },
          ]),
    ],
  };
}

function rtoWords(failback: ResultFailback, isSeen: boolean): string {
  const { rto_ms, uncertainty_ms } = failback;
  if (rto_ms === null) return isSeen ? 'service did not come back' : NOT_MEASURED;
  if (rto_ms === 0) return 'no outage';
  const doubt =
    uncertainty_ms === null || uncertainty_ms === 0 ? '' : formatDuration(uncertainty_ms);
  return `${formatDuration(rto_ms)}${doubt === '' ? '' : `, at most ${doubt} less`}`;
}

function costAside(cost: Cost): Section {
  const { region, over_ms, components, cpu_seconds, cpu_share } = cost;
  const { recovery_steps: steps, replicated_bytes_per_s: rate } = cost;
  const names = components.length === 0 ? 'none' : `${components.length}: ${components.join(', ')}`;
  const isKnown = cpu_seconds !== null && cpu_share !== null && over_ms !== null;
  const busy = isKnown
    ? `${formatPercent(cpu_share)} of one (${duration(1000 * cpu_seconds)} in ${duration(over_ms)})`
    : NOT_MEASURED;
  return {
    title: `Recovery region ${region}, before the disaster`,
    facts: [
      { name: 'nodes', text: names },
      { name: 'processor', text: busy },
      { name: 'memory', text: bytes(cost.memory_bytes) },
      { name: 'disk', text: bytes(cost.disk_bytes) },
      { name: 'replicated', text: rate === null ? NOT_MEASURED : `${formatBytes(rate)}/s` },
      { name: 'recovery', text: steps === null ? NOT_MEASURED : `takes ${count(steps, 'step')}` },
      ...(cost.monthly === null ? [] : [{ name: 'a month', text: monthly(cost.monthly) }]),
    ],
  };
}

function monthly({ cpu, storage, transfer, total }: MonthlyCost): string {
  const parts = `processor ${money(cpu)}, storage ${money(storage)}, transfer ${money(transfer)}`;
  return `${money(total)} (${parts})`;
}

function divergenceAside({ rows, differing, ok, listed }: ResultDivergence): Section {
  const rowWords =
    rows === null
      ? count(differing, 'row')
      : `${formatCount(differing)} of ${count(rows, 'row')} compared`;
  const unsure = ok === null ? '; the comparison never ended' : '';
  const shown = listed.slice(0, ROWS_SHOWN);
  const more = differing - shown.length;
  return {
    title: 'The two serving databases',
    facts: [
      {
        name: 'differ in',
        text: `${rowWords}${unsure}`,
        isBad: differing > 0,
      },
      ...shown.map(({ table, key, values }) => ({
        name: truncate(`${printable(table)} ${printable(key)}`, NAME_WIDTH),
        text: Object.entries(values)
          .map(
            ([region, value]) =>
              `${region} ${value === null ? 'nothing' : printable(value).trim()}`,
          )
          .join(' · '),
      })),
      ...(more > 0 && shown.length > 0 ? [{ name: 'more', text: formatCount(more) }] : []),
    ],
  };
}

function duration(ms: number | null): string {
  return ms === null ? NOT_MEASURED : formatDuration(ms);
}

function bytes(value: number | null): string {
  return value === null ? NOT_MEASURED : formatBytes(value);
}

/** The drill file does not say in which currency. */
function money(value: number | null): string {
  if (value === null) return NOT_MEASURED;
  return value !== 0 && Math.abs(value) < 0.1 ? value.toPrecision(2) : value.toFixed(2);
}
