// How long each phase of a run may take at most. Work that is still going on then is stopped.
import { passesMs } from './data.ts';
import { confirmServiceMs, healWatchMs, latestServiceMs, type Plan } from './plan.ts';

/** The phases of a run, in their order. */
export const PHASES = [
  ...(['prepare', 'up', 'seed', 'warm-up', 'steady', 'fault', 'recover', 'heal'] as const),
  ...(['verify', 'failback', 'down', 'report'] as const),
] as const;
export type Phase = (typeof PHASES)[number];

const PREPARE_MS = 10_000;
/** A first run prepares PostgreSQL's template in it, or pulls images. */
const UP_MS = 300_000;
const SEED_MS = 60_000;
const VERIFY_MS = 60_000;
const DOWN_MS = 90_000;
const REPORT_MS = 10_000;
/** A server that was started again, on a busy machine. */
const FOLLOWS_MS = 30_000;
/** What one server of somebody's own alone holds is read for so long before anything is undone. */
export const READ_FIRST_MS = 30_000;
/** What an event loop and a few requests take besides what was asked for. */
const SLACK_MS = 10_000;

/**
 * How often each phase goes through the rows that `topology.data` asks for. To come up they are
 * filled in, written to the disk and hashed, copied for two regions, backed up, checked and written
 * again. Tables and indexes are verified, of two serving regions each. A failback takes a base
 * backup, checks it and verifies once more. What is left goes at the end.
 */
const PASSES = { up: 8, verify: 4, failback: 7, down: 1 } as const;

/** Milliseconds by phase. */
export function phaseBudgets(plan: Plan): Readonly<Record<Phase, number>> {
  const lastFault = Math.max(...plan.faults.map((fault) => fault.at_ms + (fault.wait_ms ?? 0)));
  // An operation may wait for DNS and then for its reply.
  const verify = VERIFY_MS + 2 * plan.workload.timeout_ms + passesMs(plan, PASSES.verify);
  // Twice the steps, twice a watch of the clients, and the verification again.
  const again = verify + passesMs(plan, PASSES.failback - PASSES.verify);
  const backUndos = backUndosMs(plan);
  const moves = 2 * latestServiceMs(plan) + 2 * healWatchMs(plan);
  const failback = moves + backUndos + followsAgainMs(plan) + again + SLACK_MS;
  const healing = Math.max(...plan.faults.map((fault) => fault.heal_after_ms ?? 0));
  const commands = commandsMs(plan);
  return {
    prepare: PREPARE_MS,
    up: UP_MS + passesMs(plan, PASSES.up),
    seed: SEED_MS,
    'warm-up': plan.warm_up.at_most_ms + SLACK_MS,
    steady: plan.steady.for_ms + SLACK_MS,
    // Arming, breaking, and until it is seen; undoing, until that is seen, and disarming.
    fault: lastFault + commands + SLACK_MS,
    recover: latestServiceMs(plan) + SLACK_MS,
    // A heal that is still to come when service is back is waited for.
    heal:
      healing +
      commands +
      readFirstMs(plan) +
      followsAgainMs(plan) +
      healWatchMs(plan) +
      confirmServiceMs(plan) +
      SLACK_MS,
    verify,
    failback: plan.failback ? failback : 0,
    down: DOWN_MS + commands + (plan.failback ? backUndos : 0) + passesMs(plan, PASSES.down),
    report: REPORT_MS,
  };
}

/** Three of them for each fault that is one, one after the other. */
function commandsMs({ faults }: Plan): number {
  const own = faults.map((fault) => (fault.kind === 'command' ? 3 * fault.takes_at_most_ms : 0));
  return own.reduce((sum, ms) => sum + ms, 0);
}

/** Once for each undo. */
function readFirstMs({ attached, faults }: Plan): number {
  return attached === undefined ? 0 : faults.length * READ_FIRST_MS;
}

/** Each of the way back, one after the other. */
function backUndosMs({ recover: { back = [], deadline_ms } }: Plan): number {
  return back.filter(({ undo }) => undo !== null).length * deadline_ms;
}

/** Until every server of somebody's own follows again, once all is undone. */
export function followsAgainMs({ attached, faults }: Plan): number {
  if (attached === undefined) return 0;
  const takes = faults.map((fault) => (fault.kind === 'command' ? fault.takes_at_most_ms : 0));
  return Math.max(FOLLOWS_MS, ...takes);
}

/** The longest that a whole run can take. */
export function longestRunMs(plan: Plan): number {
  return Object.values(phaseBudgets(plan)).reduce((sum, ms) => sum + ms, 0);
}
