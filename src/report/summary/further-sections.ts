// What a result says besides recovery and loss: the way back, what the recovery region uses, and
// rows that two databases hold differently. Facts first, so that the summary and CI show the same.
import { clockStart, hasDisaster } from '../../drill/plan/clock.ts';
import { formatDuration, formatPercent } from '../../base/units.ts';
import type { Paint } from '../../screen/paint.ts';
import { count, formatBytes, formatCount, padEnd, printable, truncate } from '../../screen/text.ts';
import { hanging } from '../bullets.ts';
import { money } from '../money.ts';
import type { Cost, Divergence, MonthlyCost } from '../../drill/measurement.ts';
import type { Unprotected } from '../../drill/unprotected.ts';
import type { Result, ResultFailback, Verdict } from '../../verdict/result.ts';
import { isWatched } from '../../verdict/gates.ts';
import { unprotectedFacts } from './unprotected-words.ts';

/** A name and what was measured; bad news is painted so. */
type Fact = readonly [name: string, text: string, isBad?: boolean];

interface Section {
  readonly title: string;
  readonly facts: readonly Fact[];
}

const NAME_WIDTH = 11;
const ROWS_SHOWN = 5;
const NOT_MEASURED = 'not measured';

/** What there is to say, in the order in which it is shown. */
export function sectionsOf(result: Result): readonly Section[] {
  const { failback, cost, divergence, unprotected = null, verdict } = result;
  return [
    ...(unprotected === null ? [] : [unprotectedSection(unprotected)]),
    ...(divergence === null ? [] : [divergenceSection(divergence)]),
    ...(failback === null ? [] : [failbackSection(failback, verdict)]),
    ...(cost === null ? [] : [costSection(cost, result)]),
  ];
}

export function furtherSections(result: Result, width: number, paint: Paint): string[][] {
  return sectionsOf(result).map(({ title, facts }) => [
    paint('bold', title),
    ...facts.flatMap(([name, text, isBad = false]) => {
      const head = `  ${paint('dim', padEnd(name, NAME_WIDTH))}  `;
      return hanging(head, text, width, (line) => (isBad ? paint('bad', line) : line));
    }),
  ]);
}

/** One sentence for each: `Failback: protected 4.1 s, rewound; …` */
export function furtherSentences(result: Result): string[] {
  return sectionsOf(result).map(({ title, facts }) => {
    return `${title}: ${facts.map(([name, text]) => `${name} ${text}`).join('; ')}.`;
  });
}

function unprotectedSection(unprotected: Unprotected): Section {
  return { title: 'Acknowledged unprotected', facts: unprotectedFacts(unprotected) };
}

function failbackSection(failback: ResultFailback, verdict: Verdict): Section {
  const { protected_ms, protected_how, rto_ms, loss, salvaged } = failback;
  const isSeen = isWatched(failback, verdict);
  const how = protected_ms === null || protected_how === null ? '' : `, ${protected_how}`;
  const lost = loss && `${formatCount(loss.lost)} of ${formatCount(loss.acknowledged)}`;
  const facts: Fact[] = [
    ['protected', `${duration(protected_ms)}${how}`],
    ['switch-over', duration(failback.switchover_ms)],
    ['write pause', duration(failback.pause_ms)],
    ['RTO', rtoWords(failback, isSeen), rto_ms === null && isSeen],
    ['lost', lost ? `${lost} acknowledged writes` : 'not counted', (loss?.lost ?? 0) > 0],
  ];
  if (salvaged !== null) {
    facts.push(['salvaged', `${count(salvaged, 'row')} that only the old primary had`]);
  }
  return { title: 'Failback', facts };
}

function rtoWords(
  { rto_ms, uncertainty_ms, disturbed_before_ms, stopped_after_ms, outages }: ResultFailback,
  isSeen: boolean,
): string {
  if (rto_ms === null && !isSeen) {
    if (stopped_after_ms === undefined || outages.length === 0) return NOT_MEASURED;
    return `not back when the run was stopped, ${formatDuration(stopped_after_ms)} after the move`;
  }
  if (disturbed_before_ms !== undefined) return 'disturbed before the move';
  if (rto_ms === null) return 'service did not come back while it was watched';
  if (rto_ms === 0) return 'no outage';
  return uncertainty_ms === null || uncertainty_ms === 0
    ? formatDuration(rto_ms)
    : `${formatDuration(rto_ms)}, at most ${formatDuration(uncertainty_ms)} less`;
}

function costSection(cost: Cost, { faults, drill }: Result): Section {
  const isBroken = faults === undefined || faults.some(({ disaster }) => disaster);
  const when = isBroken ? `before ${clockStart(drill)}` : 'in the steady state';
  const { region, over_ms, components, cpu_seconds, cpu_share } = cost;
  const { recovery_steps: steps, replicated_bytes_per_s: rate } = cost;
  const names = components.length === 0 ? 'none' : `${components.length}: ${components.join(', ')}`;
  const isKnown = cpu_seconds !== null && cpu_share !== null && over_ms !== null;
  const busy = isKnown
    ? `${formatPercent(cpu_share)} of one (${duration(1000 * cpu_seconds)} in ${duration(over_ms)})`
    : NOT_MEASURED;
  const facts: Fact[] = [
    ['nodes', names],
    ['processor', busy],
    ['memory', bytes(cost.memory_bytes)],
    ['disk', bytes(cost.disk_bytes)],
    ['replicated', rate === null ? NOT_MEASURED : `${formatBytes(rate)}/s`],
  ];
  const taken = steps === null ? NOT_MEASURED : `takes ${count(steps, 'step')}`;
  if (hasDisaster(drill)) facts.push(['recovery', taken]);
  if (cost.monthly !== null) facts.push(['a month', monthly(cost.monthly)]);
  return { title: `Recovery region ${region}, ${when}`, facts };
}

function monthly({ currency, total, formula }: MonthlyCost): string {
  return total === null ? `no figure: ${formula}` : `${money(currency, total)} = ${formula}`;
}

function divergenceSection({ rows, differing, ok, listed }: Divergence): Section {
  const differ =
    rows === null
      ? count(differing, 'row')
      : `${formatCount(differing)} of ${count(rows, 'row')} compared`;
  const unsure = ok === null ? '; the comparison never ended' : '';
  const shown = listed.slice(0, ROWS_SHOWN).map(({ table, key, values }): Fact => {
    const each = Object.entries(values).map(([region, value]) => {
      return `${region} ${value === null ? 'nothing' : printable(value).trim()}`;
    });
    const name = truncate(`${printable(table)} ${printable(key)}`, NAME_WIDTH);
    return [name, each.join(' · ')];
  });
  const more = differing - shown.length;
  const facts: Fact[] = [['differ in', `${differ}${unsure}`, differing > 0], ...shown];
  if (more > 0 && shown.length > 0) facts.push(['more', formatCount(more)]);
  return { title: 'The two serving databases', facts };
}

function duration(ms: number | null): string {
  return ms === null ? NOT_MEASURED : formatDuration(ms);
}

function bytes(value: number | null): string {
  return value === null ? NOT_MEASURED : formatBytes(value);
}
