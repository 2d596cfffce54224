// How each verdict is named, marked and coloured, and what one sentence says of it; a gate in words
// and numbers: what was promised, what was measured, and how far apart they are.
import { formatDuration } from '../../base/units.ts';
import { distance, quantity } from '../../drill/gate/gate.ts';
import { STORES } from '../../drill/stores.ts';
import type { Paint, Style } from '../../screen/paint.ts';
import { count, formatCount } from '../../screen/text.ts';
import type { Gate, Result, ResultRecovery, Verdict } from '../../verdict/result.ts';
import { isWatched } from '../../verdict/gates.ts';

const BADGES: Readonly<Record<Verdict, readonly [string, Style]>> = {
  pass: ['PASS', 'goodBadge'],
  fail: ['FAIL', 'badBadge'],
  inconclusive: ['INCONCLUSIVE', 'warnBadge'],
  environment: ['ENVIRONMENT', 'warnBadge'],
  unclean: ['UNCLEAN', 'warnBadge'],
  interrupted: ['INTERRUPTED', 'warnBadge'],
  internal: ['INTERNAL ERROR', 'badBadge'],
};

const MARKS: Readonly<Record<Gate['verdict'], readonly [string, Style]>> = {
  pass: ['✓', 'good'],
  fail: ['✗', 'bad'],
  inconclusive: ['?', 'warn'],
};

/** The verdict as a word that stands out; the blanks around it carry the colour. */
export function verdictBadge(verdict: Verdict, paint: Paint): string {
  const [word, style] = BADGES[verdict];
  return paint(style, ` ${word} `).trim();
}

export function verdictWord(verdict: Verdict): string {
  return BADGES[verdict][0];
}

export function gateMark(verdict: Gate['verdict'], paint: Paint): string {
  const [mark, style] = MARKS[verdict];
  return paint(style, mark);
}

/** What happened, in one sentence for somebody who was just woken up. */
export function headline(result: Result): string {
  if (result.verdict === 'internal') {
    return 'A bug in drill ended this run. Please report it, with the files named below.';
  }
  return measured(result) ?? UNMEASURED[result.verdict] ?? 'Nothing was measured.';
}

const UNMEASURED: Readonly<Partial<Record<Verdict, string>>> = {
  environment: 'The system did not come up, or broke off; nothing was measured.',
  interrupted: 'Stopped before anything was measured; all was healed first.',
};

function measured({ recovery, loss, failback, divergence, verdict }: Result): string | null {
  const isSeen = recovery !== null && isWatched(recovery, verdict);
  const isStopped = recovery?.stopped_after_ms !== undefined;
  if (!isSeen && !isStopped && loss === null) return null;
  const parts = [
    recovery && (isSeen ? serviceWords(recovery) : unseenWords(recovery)),
    loss && lossWords(loss),
    // Nothing where there is nothing to be alarmed about.
    failback?.loss?.lost ? `${lostWrites(failback.loss.lost)} in the failback` : null,
    divergence?.differing
      ? `the serving databases differ in ${count(divergence.differing, 'row')}`
      : null,
  ];
  const sentence = `${parts.filter((part) => part !== null).join('; ')}.`;
  const caveat = verdict === 'inconclusive' ? ' That is not certain enough to judge.' : '';
  return sentence[0]!.toUpperCase() + sentence.slice(1) + caveat;
}

function serviceWords({ rto_ms, disturbed_before_ms }: ResultRecovery): string {
  if (disturbed_before_ms !== undefined) {
    return 'service was disturbed before the disaster, and not seen to be whole again in time';
  }
  if (rto_ms === null) return 'service did not come back';
  if (rto_ms === 0) return 'clients saw no outage';
  return `service was back ${formatDuration(rto_ms)} after the disaster`;
}

function unseenWords({ stopped_after_ms: ms, outages }: ResultRecovery): string {
  if (ms === undefined) return 'the recovery time was not measured';
  const when = `${formatDuration(ms)} after the disaster`;
  if (outages.length === 0) return `the run was stopped ${when}`;
  return `service was not back when the run was stopped, ${when}`;
}

function lostWrites(lost: number): string {
  return `${count(lost, 'acknowledged write')} ${lost === 1 ? 'was' : 'were'} lost`;
}

function lossWords({ lost, rpo_ms, stores }: NonNullable<Result['loss']>): string {
  if (lost === 0) return 'no acknowledged write was lost';
  const reach = rpo_ms === null ? '' : `, the oldest ${formatDuration(rpo_ms)} before the disaster`;
  const parts = Object.values(STORES).flatMap(({ written, title }) => {
    const part = stores[written];
    return part === undefined ? [] : [`${formatCount(part.lost)} in ${title}`];
  });
  const where = parts.length < 2 ? '' : ` (${parts.join(', ')})`;
  return `${lostWrites(lost)}${where}${reach}`;
}

/** A value in the gate's unit: `2.31 s`, `12 writes`, `95.2 %`. */
function gateValue({ unit }: Pick<Gate, 'unit'>, value: number): string {
  if (unit === 'writes') return count(value, 'write');
  return quantity(value, unit);
}

/** `target 15 s`, `at least 95 %` */
export function gateTarget(gate: Gate): string {
  return `${isAtLeast(gate) ? 'at least' : 'target'} ${gateValue(gate, gate.target)}`;
}

/** What was measured; where it never ended, the least that it can be. */
export function gateMeasured(gate: Gate): string {
  if (gate.measured !== null) return gateValue(gate, gate.measured);
  return gate.low !== null && gate.low > 0 ? `over ${gateValue(gate, gate.low)}` : 'not measured';
}

/** Spare room counts from the worst end of the interval, an overrun from the best. */
export function gateMargin(gate: Gate): string {
  const { target, low, high, measured } = gate;
  const [best, worst] = isAtLeast(gate) ? [high, low] : [low, high];
  if (gate.verdict === 'pass') {
    const end = worst ?? measured;
    if (end === null) return '';
    if (end === target) return 'met exactly';
    return roomWords(gate, Math.abs(target - end));
  }
  if (gate.verdict === 'fail') {
    const end = best ?? measured;
    if (end === null) return '';
    if (isAtLeast(gate))
      return end < target ? `missed by ${distance(target - end, gate.unit)}` : '';
    return end > target ? overrun(gate, end) : '';
  }
  if (gate.reason !== null) return gate.reason;
  if (measured === null || low === null) return '';
  const upper = high === null ? 'any time later' : gateValue(gate, high);
  return `between ${gateValue(gate, low)} and ${upper}`;
}

function isAtLeast({ bound }: Gate): boolean {
  return bound === 'at least';
}

function roomWords(gate: Gate, room: number): string {
  if (isAtLeast(gate)) return `${distance(room, gate.unit)} to spare`;
  const words = gate.unit === 'ms' ? formatDuration(room) : distance(room, gate.unit);
  return `${words} to spare (${share(room, gate.target)})`;
}

function overrun(gate: Gate, best: number): string {
  const over = best - gate.target;
  if (gate.unit === 'writes') return `${gateValue(gate, over)} too many`;
  const times = gate.target > 0 && best / gate.target >= 2 ? best / gate.target : null;
  const ratio = times === null ? '' : ` (${times < 10 ? times.toFixed(1) : Math.round(times)} ×)`;
  return `over by ${gate.unit === 'ms' ? formatDuration(over) : distance(over, gate.unit)}${ratio}`;
}

function share(part: number, whole: number): string {
  const percent = whole > 0 ? (part / whole) * 100 : 0;
  return percent > 99 && percent < 100 ? '99 %' : `${Math.round(percent)} %`;
}
