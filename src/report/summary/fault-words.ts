// What was broken and when, in words, by one rule in every report and in the live view.
import { formatDuration } from '../../base/units.ts';
import { drawnWords, isOfOperators, withoutMoment } from '../../drill/fault/registry.ts';
import type { FaultFacts } from '../../drill/run-facts.ts';
import type { MachineFacts } from '../../host/machine/machine-facts.ts';

/** `lose-region east, kill`; `latency east-west, 200ms`. */
export function faultName({ kind, target, how }: Pick<FaultFacts, 'kind' | 'target' | 'how'>) {
  return [`${kind} ${target}`, ...how].join(', ');
}

/**
 * `lose-region east, kill, 2 s after the steady state (at 11.4 s, 2026-11-28 20:00:05 UTC): killed
 * east/postgres. The clock starts here. Never healed.`
 */
export function faultSentence(fault: FaultFacts, machine: MachineFacts | null): string {
  const { started_ms, started_at, disaster, detail } = fault;
  const wall = started_at === null ? '' : `, ${wallWords(started_at, machine)}`;
  const moment = `${whenOf(fault)} (at ${formatDuration(started_ms)}${wall})`;
  const said = detail === '' ? '' : `: ${detail}`;
  const clock = disaster ? ' The clock starts here.' : '';
  return `${faultName(fault)}, ${moment}${said}.${clock}${healWords(fault)}`;
}

/** When by the plan, and what of that is chance. */
export function whenOf({ kind, at_ms, drawn_from, moved }: FaultFacts): string {
  if (at_ms === null) return withoutMoment(kind);
  const after = `${formatDuration(at_ms)} after the steady state${drawnWords(drawn_from)}`;
  if (moved === undefined) return after;
  const [by, within] = [moved.by_ms, moved.within_ms].map(formatDuration);
  return `${after}, moved by ${by} of up to ${within} for this trial`;
}

function healWords({ kind, started_ms, healed_ms }: FaultFacts): string {
  if (healed_ms === null) return '';
  const over = isOfOperators(kind) ? 'It ended' : 'Healed';
  return ` ${over} ${formatDuration(healed_ms - started_ms)} later.`;
}

/** `2026-11-28 20:00:05 UTC`, and the time of the machine's own zone where that is another. */
export function wallWords(at: string, machine: Pick<MachineFacts, 'zone' | 'zone_min'> | null) {
  const utc = clockOf(at);
  if (utc === null) return at;
  const ahead_min = machine?.zone_min ?? 0;
  if (ahead_min === 0) return `${utc} UTC`;
  const local = clockOf(new Date(Date.parse(at) + 60_000 * ahead_min).toISOString())!;
  const isSameDay = local.slice(0, 10) === utc.slice(0, 10);
  return `${utc} UTC (${isSameDay ? local.slice(11) : local} ${machine!.zone})`;
}

/** `2026-11-28 20:00:05`; null: it is no ISO time. */
function clockOf(at: string): string | null {
  const time = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)/.exec(at);
  return time === null ? null : `${time[1]} ${time[2]}`;
}
