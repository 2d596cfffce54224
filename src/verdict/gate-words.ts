// A gate in words and numbers, by one rule wherever it is shown: what was measured, what was
// promised, and how far apart they are. The margin counts from the end of the interval that
// decides, and that end is shown beside the value.
import { distance, quantity, type GateDefinition } from '../drill/gate/gate.ts';
import { GATES } from '../drill/gate/registry.ts';
import type { Gate } from './result.ts';

type Judged = Omit<Gate, 'reason' | 'margin'>;

/** A gate that is met is met at the worse end, one that is missed at the better; else null. */
export function decidingEnd({ bound, verdict, measured, low, high }: Judged): number | null {
  if (verdict === 'inconclusive') return null;
  const isLow = (bound === 'at least') === (verdict === 'pass');
  return (isLow ? low : high) ?? measured;
}

/** What is to spare, negative where it is missed; null: it is not judged. */
export function marginOf(gate: Judged): number | null {
  const end = decidingEnd(gate);
  if (end === null) return null;
  return isAtLeast(gate) ? end - gate.target : gate.target - end;
}

/** A value in the gate's unit: `2.31 s`, `12 writes`, `95.2 %`. */
function gateValue({ name, unit }: Pick<Gate, 'name' | 'unit'>, value: number): string {
  const { words } = definitionOf(name) ?? {};
  if (words !== undefined) return words(value);
  if (unit !== 'writes') return quantity(value, unit);
  return `${value.toLocaleString('en-US')} ${value === 1 ? 'write' : 'writes'}`;
}

function definitionOf(name: string): GateDefinition | undefined {
  return GATES.find((each) => each.name === name);
}

/** `target 15 s`, `at least 95 %` */
export function gateTarget(gate: Gate): string {
  if (definitionOf(gate.name)?.words !== undefined)
    return `at most ${gateValue(gate, gate.target)}`;
  return `${isAtLeast(gate) ? 'at least' : 'target'} ${gateValue(gate, gate.target)}`;
}

/** Of what time the value is, where its name does not say: `since the first fault`; else empty. */
export function gateWhen({ when, name }: Pick<Judged, 'when' | 'name'>): string {
  return when ?? definitionOf(name)?.when?.({}) ?? '';
}

/** `12 ms, at most 70 ms`; where it never ended, the least that it can be. */
export function gateMeasured(gate: Judged): string {
  const { measured } = gate;
  if (measured === null) {
    const low = gate.low ?? 0;
    return low > 0 ? `over ${gateValue(gate, low)}` : 'not measured';
  }
  const when = gateWhen(gate);
  return withEnd(gate, when === '' ? '' : ` ${when}`);
}

/** The value and, where it looks another, the end of its interval that decides. */
export function withEnd(
  gate: Judged,
  suffix: string,
  say = (value: number) => gateValue(gate, value),
): string {
  const measured = gate.measured!;
  const end = decidingEnd(gate) ?? measured;
  const [shown, other] = [measured, end].map((value) => say(value));
  if (shown === other) return `${shown}${suffix}`;
  return `${shown}${suffix}, ${end > measured ? 'at most' : 'at least'} ${other}`;
}

/** `930 ms to spare (93 %)`, `over by 773 ms (2.5 ×)`. */
export function gateMargin(gate: Gate): string {
  const margin = marginOf(gate);
  if (margin !== null) {
    if (margin < 0) return missedBy(gate);
    if (gate.verdict === 'fail') return '';
    return margin === 0 ? 'met exactly' : toSpare(gate, margin);
  }
  const { reason, measured, low, high } = gate;
  if (reason !== null) return reason;
  if (measured === null || low === null) return '';
  const upper = high === null ? 'any time later' : gateValue(gate, high);
  return `between ${gateValue(gate, low)} and ${upper}`;
}

function isAtLeast({ bound }: Pick<Gate, 'bound'>): boolean {
  return bound === 'at least';
}

function toSpare(gate: Gate, margin: number): string {
  const words = `${distance(gate.target, decidingEnd(gate)!, gate.unit)} to spare`;
  return isAtLeast(gate) || gate.unit === 'share'
    ? words
    : `${words} (${share(margin, gate.target)})`;
}

function missedBy(gate: Gate): string {
  const { target, unit } = gate;
  const end = decidingEnd(gate)!;
  const by = distance(target, end, unit);
  if (isAtLeast(gate)) return `missed by ${by}`;
  if (unit === 'writes') return `${gateValue(gate, end - target)} too many`;
  const isTold = unit !== 'share' && target > 0 && end / target >= 2;
  const times = isTold ? end / target : null;
  const ratio = times === null ? '' : ` (${times < 10 ? times.toFixed(1) : Math.round(times)} ×)`;
  return `over by ${by}${ratio}`;
}

/** Never all of it where something was measured. */
function share(part: number, whole: number): string {
  const percent = Math.round((100 * part) / whole);
  return `${part < whole ? Math.min(percent, 99) : percent} %`;
}
