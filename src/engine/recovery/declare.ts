// Detection and declaration: the health checks say that a region is down, and somebody or something
// decides that it is a disaster.
import { formatDuration } from '../../base/units.ts';
import { worstDetectionOf } from '../../drill/plan/gslb.ts';
import { reasonOf } from '../../host/operation-failed.ts';
import { join } from 'node:path';

import { runCommand } from '../../host/command.ts';
import type { RunContext } from '../frame/context.ts';
import { environmentOfSteps } from './by-hand.ts';
import { holdBack } from './operators.ts';
import { beforeDeadline } from '../frame/before-deadline.ts';
import { labOf, type System } from '../../topology/system/system.ts';

/** Health checks that are this much slower than their worst case see nothing. */
const DETECTION_PATIENCE = 2;
const DETECTION_SPARE_MS = 2_000;

interface DeclarationLimits {
  /** When the disaster came. */
  readonly disaster_ms: number;
  readonly deadline_ms: number;
  /** Aborts when the fault is healed: what is over needs no recovery. */
  readonly healed: AbortSignal;
  /** Whether health checks report it; else it is for somebody to notice. */
  readonly isSeen: boolean;
  /** From then on somebody checks health, where a fault has taken the GSLB away. */
  readonly checked_ms: number;
}

/** Whether the disaster was declared; if not, the journal says why. */
export async function declareDisaster(
  run: RunContext,
  system: System,
  lost: string,
  limits: DeclarationLimits,
): Promise<boolean> {
  const decision = await detectAndDecide(run, system, lost, limits);
  run.signal.throwIfAborted();
  if ('by' in decision) run.emit('disaster.declared', decision);
  else run.emit('disaster.undeclared', decision);
  return 'by' in decision;
}

type Decision = { readonly by: string } | { readonly reason: string };

async function detectAndDecide(
  run: RunContext,
  system: System,
  lost: string,
  { disaster_ms, deadline_ms, healed, isSeen, checked_ms }: DeclarationLimits,
): Promise<Decision> {
  const { clock, plan } = run;
  if (!isSeen) {
    const since = { ...UNSEEN, at_ms: disaster_ms };
    const decision = await beforeDeadline(run, deadline_ms, (until) =>
      decide(run, lost, until, since),
    );
    return decision ?? UNDECIDED;
  }
  const patience = DETECTION_PATIENCE * worstDetectionOf(plan) + DETECTION_SPARE_MS;
  const limit_ms = Math.min(Math.max(clock.now(), checked_ms) + patience, deadline_ms);
  const down = await unlessHealed(run, healed, limit_ms, (until) =>
    labOf(system).gslb.untilDown(lost, until),
  );
  if (down === HEALED) {
    return { reason: `the fault was healed before region ${lost} was reported down` };
  }
  if (down === null) {
    return { reason: `the health checks did not report region ${lost} down within ${patience} ms` };
  }
  const since = { ...SEEN, at_ms: down.at_ms };
  const decision = await unlessHealed(run, healed, deadline_ms, (until) =>
    decide(run, lost, until, since),
  );
  if (decision === HEALED) {
    return { reason: 'the fault was healed before a disaster was declared' };
  }
  if (decision !== null && 'by' in decision && !labOf(system).gslb.isDown(lost)) {
    return { reason: `region ${lost} was healthy again when it came to the declaration` };
  }
  return decision ?? UNDECIDED;
}

const UNDECIDED = { reason: 'nobody declared it before the deadline' } as const;
const HEALED = Symbol('healed');

/** As `beforeDeadline`, or HEALED when the fault is healed meanwhile. */
async function unlessHealed<T>(
  run: RunContext,
  healed: AbortSignal,
  limit_ms: number,
  work: (until: AbortSignal) => Promise<T>,
): Promise<T | null | typeof HEALED> {
  const heeding = (until: AbortSignal) => work(AbortSignal.any([until, healed]));
  try {
    const done = await beforeDeadline(run, limit_ms, heeding);
    return healed.aborted ? HEALED : done;
  } catch (error) {
    if (healed.aborted) return HEALED;
    throw error;
  }
}

/** What the decision is about, in words. */
interface Sight {
  readonly automatic: string;
  readonly since: string;
  readonly question: (lost: string) => string;
}

const SEEN: Sight = {
  automatic: 'automatic, on detection',
  since: 'detection',
  question: (lost) => `Region ${lost} is down. Press Enter to declare a disaster.`,
};
const UNSEEN: Sight = {
  automatic: 'plan',
  since: 'the fault',
  question: (lost) => `Region ${lost} is to be recovered from. Press Enter to begin.`,
};

/** A decision can be held back before it becomes a declaration. */
async function decide(
  run: RunContext,
  lost: string,
  until: AbortSignal,
  sight: SightAt,
): Promise<Decision> {
  const decision = await decideInTime(run, lost, until, sight);
  if ('by' in decision) await holdBack(run, { what: sight.since, at_ms: sight.at_ms }, until);
  return decision;
}

type SightAt = Sight & { readonly at_ms: number };

async function decideInTime(
  run: RunContext,
  lost: string,
  until: AbortSignal,
  sight: Sight,
): Promise<Decision> {
  const { clock, emit, operator, plan } = run;
  const { declare } = plan;
  switch (declare.by) {
    case 'automatic':
    case 'nobody': // who recovers by itself is not asked
      return { by: sight.automatic };
    case 'after':
      await clock.sleep(declare.after_ms, until);
      return { by: `automatic, ${formatDuration(declare.after_ms)} after ${sight.since}` };
    case 'operator': {
      const asked = { question: sight.question(lost), order: 'declare' } as const;
      emit('operator.asked', asked);
      return { by: await operator.ask(asked, until) };
    }
    case 'command': {
      const { place } = run;
      const environment = environmentOfSteps(run);
      const logFile = join(place.logs, 'declare.log');
      return await runCommand(declare.command, { environment, logFile, signal: until }).then(
        () => ({ by: `the command ${declare.command.join(' ')}` }),
        (error: unknown) => {
          until.throwIfAborted();
          return { reason: reasonOf(error) };
        },
      );
    }
  }
}
