// A gate in words and numbers: what was promised, what was measured, and how far apart they are.
import { formatDuration } from '../../base/units.ts';
import { count } from '../../screen/text.ts';
import type { Gate } from '../../verdict/result.ts';

/** A value in the gate's unit, e.g. `2.31s` or `12 writes`. */
export function gateValue(gate: Gate, value: number): string {
  return gate.unit === 'ms' ? formatDuration(value) : count(value, 'write');
}

/** What was measured; where it never ended, the least that it can be. */
export function gateMeasured(gate: Gate): string {
  if (gate.measured !== null) return gateValue(gate, gate.measured);
  return gate.low !== null && gate.low > 0 ? `over ${gateValue(gate, gate.low)}` : 'not measured';
}

/**
 * How far from its target: spare room counts from the worst end of the interval, an overrun from
 * the best.
 */
export function gateMargin(gate: Gate): string {
  const { target, low, high, measured } = gate;
  if (gate.verdict === 'pass') {
    const worst = high ?? measured;
    if (worst === null) return '';
    if (worst === target) return target === 0 ? 'none' : 'exactly met';
    const room = gate.unit === 'ms' ? formatDuration(target - worst) : String(target - worst);
    return `${room} to spare (${share(target - worst, target)})`;
  }
  if (gate.verdict === 'fail') {
    const best = low ?? measured;
    return best === null || best <= target ? '' : overrun(gate, best);
  }
  if (gate.reason !== null) return gate.reason;
  if (measured === null || low === null) return '';
  const upper = high === null ? 'any time later' : gateValue(gate, high);
  return `between ${gateValue(gate, low)} and ${upper}`;
}

function overrun(gate: Gate, best: number): string {
  const over = `${gateValue(gate, best - gate.target)} too many`;
  if (gate.unit === 'writes') return over;
  const times = gate.target > 0 && best / gate.target >= 2 ? best / gate.target : null;
  const ratio = times === null ? '' : ` (${times < 10 ? times.toFixed(1) : Math.round(times)} ×)`;
  return `over by ${gateValue(gate, best - gate.target)}${ratio}`;
}

function share(part: number, whole: number): string {
  const percent = whole > 0 ? (part / whole) * 100 : 0;
  return percent > 99 && percent < 100 ? '99 %' : `${Math.round(percent)} %`;
}
