// A gate in words and numbers: what was promised, what was measured, and how far apart they are.
import { formatDuration, formatShare } from '../../base/units.ts';
import { distance } from '../../drill/gate/gate.ts';
import { count } from '../../screen/text.ts';
import type { Gate } from '../../verdict/result.ts';

/** A value in the gate's unit: `2.31 s`, `12 writes`, `95.2 %`. */
function gateValue({ unit }: Pick<Gate, 'unit'>, value: number): string {
  if (unit === 'writes') return count(value, 'write');
  return unit === 'ms' ? formatDuration(value) : formatShare(value);
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
    if (end === target) return target === 0 ? 'none' : 'exactly met';
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
