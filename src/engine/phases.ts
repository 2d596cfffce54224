// The phases of a run and the legal moves between them. `heal` and `down` always happen, whatever
// went wrong.
import assert from 'node:assert';
import type { Phase } from '../evidence/event.ts';

const MOVES: Readonly<Record<Phase, readonly Phase[]>> = {
  prepare: ['up', 'heal'],
  up: ['seed', 'heal'],
  seed: ['warm-up', 'heal'],
  'warm-up': ['steady', 'heal'],
  steady: ['fault', 'heal'],
  fault: ['recover', 'heal'],
  recover: ['heal'],
  heal: ['verify', 'down'],
  verify: ['failback', 'down'],
  failback: ['down'],
  down: ['report'],
  report: [],
};

/** Throws (a bug in drill) when `to` may not follow `from`. */
export function assertMove(from: Phase | null, to: Phase): void {
  const legal = from === null ? ['prepare'] : MOVES[from];
  assert(legal.includes(to), `a run may not go from ${from ?? 'the start'} to ${to}`);
}
