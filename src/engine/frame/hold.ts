// Somebody beside a run may hold it before its fault and before each step of a recovery: clients go
// on meanwhile, and so does every clock.
import type { RunContext } from './context.ts';

/** Resolves when nobody holds the run any more; rejects when the signal aborts first. */
export async function heldBefore(
  { operator, clock, emit }: RunContext,
  next: string,
  signal: AbortSignal,
): Promise<void> {
  const by = operator.holdAsked();
  if (by === null) return;
  const began_ms = clock.now();
  emit('run.held', { before: next, by });
  const { order, by: who } = await operator.release(signal);
  emit('run.released', { by: who, order, ms: clock.now() - began_ms });
}
