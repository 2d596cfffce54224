// What the phases between the fault and the redirect went into, as the journal tells of it.
import { gslbOf } from '../../drill/plan/gslb.ts';
import type { Cause } from '../../drill/cause.ts';
import type { FaultKind } from '../../drill/fault/registry.ts';
import { isSeen } from '../../drill/plan/plan.ts';
import { regionOf } from '../../base/node-name.ts';
import { roundGrain } from '../grain.ts';
import type { Disaster, Span, Timeline } from '../timeline.ts';
import type { Stretch } from './charge.ts';
import { movedClients, type Clients } from './clients.ts';

/** Timers and a check that was under way may be off by so much. */
const SLACK_MS = 50;
/** A program that decides at once takes no longer. */
const AT_ONCE_MS = 100;
/** The words of a health check that nothing answered (`host/http.ts`). */
const UNANSWERED = /\bno answer within\b/;

/**
 * The checks in a row that it takes, where the time fits: the first that failed began within one
 * round after the fault had its effect. Null where it does not.
 */
export function detectionIn(run: Timeline, disaster: Disaster): Cause | null {
  if (!isSeen(run.plan)) return null;
  const { started_ms, injected_ms, region } = disaster;
  const down = run
    .all('region.down')
    .find((each) => each.region === region && each.t >= started_ms);
  if (down === undefined) return null;
  const lost_ms = Math.max(
    -Infinity,
    ...healsOf(run, 'lose-gslb').filter((ms) => ms <= down.t + SLACK_MS),
  );
  if (lost_ms > injected_ms) {
    return { kind: 'gslb-lost', until_ms: roundGrain(lost_ms - started_ms) };
  }
  const { every_ms, failures, timeout_ms: patience_ms } = gslbOf(run.plan);
  const timeout_ms = UNANSWERED.test(down.detail) ? patience_ms : 0;
  const first_ms = down.t - started_ms - (failures - 1) * every_ms - timeout_ms;
  const latest_ms = every_ms + (injected_ms - started_ms) + SLACK_MS;
  if (first_ms < -SLACK_MS || first_ms > latest_ms) return null;
  const since_ms = roundGrain(Math.max(0, first_ms));
  return { kind: 'health-checks', failures, every_ms, first_ms: since_ms, timeout_ms };
}

/** When the faults of that kind were healed. */
function healsOf(run: Timeline, kind: FaultKind): number[] {
  const those = run.plan.faults.filter((fault) => fault.kind === kind);
  return those.flatMap(({ index }) => run.healed(index)?.t ?? []);
}

/** Who decided, and what held that decision back. */
export function decisionStretches(run: Timeline, span: Span): Stretch[] {
  const held = run.all('fault.started').find(({ kind }) => kind === 'delay-declaration');
  const fault = run.plan.faults.find(({ kind }) => kind === 'delay-declaration');
  if (held === undefined || fault?.kind !== 'delay-declaration') return stretch(run, span);
  const cause: Cause = { kind: 'declared-late', by_ms: fault.by_ms };
  const decided = { from_ms: span.from_ms, to_ms: held.t };
  return [...stretch(run, decided), { from_ms: held.t, to_ms: span.to_ms, cause }];
}

/** What nobody detects is decided about from when the fault is injected, which takes its time. */
function stretch(run: Timeline, { from_ms, to_ms }: Span): Stretch[] {
  const injected_ms = isSeen(run.plan) ? from_ms : (run.disaster?.injected_ms ?? from_ms);
  const since_ms = injected_ms > to_ms ? from_ms : Math.max(from_ms, injected_ms);
  const injection = { from_ms, to_ms: since_ms, cause: { kind: 'fault-injection' } } as const;
  const decided = { from_ms: since_ms, to_ms };
  const cause = decisionIn(run, decided);
  return [injection, ...(cause === null ? [] : [{ ...decided, cause }])];
}

/** Who decided, where the plan has them take the time that it took. */
export function decisionIn({ plan }: Timeline, { from_ms, to_ms }: Span): Cause | null {
  const { declare } = plan;
  const took_ms = to_ms - from_ms;
  switch (declare.by) {
    case 'automatic':
      return took_ms <= AT_ONCE_MS ? { kind: 'declared-by-drill' } : null;
    case 'after': {
      const { after_ms } = declare;
      const isIt = took_ms >= after_ms - SLACK_MS && took_ms <= after_ms + AT_ONCE_MS;
      return isIt ? { kind: 'declared-after', after_ms } : null;
    }
    case 'nobody':
      return null;
    case 'operator':
      return { kind: 'declared-by-operator' };
    case 'command':
      return { kind: 'declared-by-command' };
  }
}

type Procedural = 'fence' | 'promote' | 'failover' | 'restore' | 'start' | 'redirect';

/** For each phase the more exact first: what a part of a step took is not the step's. */
export function procedureStretches(
  run: Timeline,
  disaster: Disaster,
  clients: Clients,
): Readonly<Record<Procedural, readonly Stretch[]>> {
  const since_ms = disaster.started_ms;
  const steps = stepStretches(run, since_ms);
  const starts = appStarts(run, disaster);
  return {
    fence: [...fenceStretches(run, since_ms), ...steps],
    promote: [...promotions(run, since_ms), ...steps],
    failover: steps,
    restore: [...restoreStretches(run, since_ms), ...steps],
    start: [...starts, ...untilReady(run, disaster), ...steps],
    // What follows the step that redirects goes on beside the wait for the first question.
    redirect: [...unasked(run, disaster, clients), ...steps],
  };
}

/** Of each step all of its tries, and what lies between them. */
function stepStretches(run: Timeline, since_ms: number): Stretch[] {
  const began = run.all('step.started').filter(({ t }) => t >= since_ms && t < run.failback_ms);
  const steps = [...new Set(began.map(({ step }) => step))];
  return steps.flatMap((step): Stretch[] => {
    const isIts = (each: { readonly step: string; readonly t: number }) =>
      each.step === step && each.t >= since_ms && each.t < run.failback_ms;
    const ends = [...run.all('step.ended'), ...run.all('step.failed')].filter(isIts);
    const starts = began.filter(isIts).map(({ t }) => t);
    if (ends.length === 0) return [];
    const { length: tries } = starts;
    const cause: Cause = tries === 1 ? { kind: 'step', step } : { kind: 'step-tries', step, tries };
    const to_ms = Math.max(...ends.map(({ t }) => t));
    return [{ from_ms: Math.min(...starts), to_ms, cause }];
  });
}

/** The step at whose end the fence was proved. */
function fenceStretches(run: Timeline, since_ms: number): Stretch[] {
  const proved = run.all('fence.proved').find(({ t }) => t >= since_ms);
  if (proved === undefined) return [];
  const cause: Cause = { kind: 'fence', checks: proved.checks.length };
  return sinceStep(run, { from_ms: since_ms, to_ms: proved.t }, cause);
}

/** From the beginning of the last step in the span to its end. */
function sinceStep(run: Timeline, { from_ms, to_ms }: Span, cause: Cause): Stretch[] {
  const began = run.all('step.started').findLast(({ t }) => t >= from_ms && t <= to_ms);
  return began === undefined ? [] : [{ from_ms: began.t, to_ms, cause }];
}

/** Of each store, the one that took its first write last before the others. */
function promotions(run: Timeline, since_ms: number): Stretch[] {
  const sent = run.all('promote.sent').filter(({ t }) => t >= since_ms);
  const nodes = [...new Set(sent.map(({ node }) => node))];
  const each = nodes.flatMap((node): Stretch[] => {
    const asked = sent.filter((one) => one.node === node);
    const writable = run.all('database.writable').find((one) => {
      return one.node === node && one.t >= asked[0]!.t;
    });
    if (writable === undefined) return [];
    const { replay_bytes = null } = writable;
    const before = asked.filter(({ t }) => t <= writable.t).length;
    const cause: Cause = { kind: 'promotion', node, asked: before, replay_bytes };
    return [{ from_ms: asked[0]!.t, to_ms: writable.t, cause }];
  });
  return each.toSorted((one, other) => other.to_ms - one.to_ms);
}

/** Its parts follow each other, and the last of them ends with the first write. */
function restoreStretches(run: Timeline, since_ms: number): Stretch[] {
  const restored = run.all('database.restored').find(({ t }) => t >= since_ms);
  const writable = run.all('database.writable').find(({ t }) => t >= since_ms);
  if (restored === undefined || writable === undefined) return [];
  const { copy_ms, verify_ms, replay_ms, backup } = restored;
  const bytes = run.all('backup.taken').find(({ name }) => name === backup)?.bytes ?? null;
  const replayed = writable.t - replay_ms;
  const checked = replayed - verify_ms;
  return [
    { from_ms: replayed, to_ms: writable.t, cause: { kind: 'log-replay' } },
    { from_ms: checked, to_ms: replayed, cause: { kind: 'backup-check', bytes } },
    { from_ms: checked - copy_ms, to_ms: checked, cause: { kind: 'backup-copy', bytes } },
  ];
}

/** App instances of another region that were started since, the last one first. */
function appStarts(run: Timeline, { region, started_ms }: Disaster): Stretch[] {
  const apps = run.all('node.started').filter(({ node, t }) => {
    return t >= started_ms && /\/app-\d+$/.test(node) && regionOf(node) !== region;
  });
  return apps
    .map(({ node, t, ms }): Stretch => {
      return { from_ms: t - ms, to_ms: t, cause: { kind: 'app-start', node } };
    })
    .toSorted((one, other) => other.to_ms - one.to_ms);
}

/** The step that redirects waits for the app first. */
function untilReady(run: Timeline, { region, started_ms }: Disaster): Stretch[] {
  const ready = run.all('app.ready').find((each) => each.t >= started_ms && each.region !== region);
  if (ready === undefined) return [];
  const cause: Cause = { kind: 'app-ready', region: ready.region, instances: ready.instances };
  return sinceStep(run, { from_ms: started_ms, to_ms: ready.t }, cause);
}

/** From when the GSLB would have answered the new region until the first client asked it. */
function unasked(run: Timeline, { region, started_ms }: Disaster, clients: Clients): Stretch[] {
  const isOther = (each: { readonly region: string; readonly t: number }) =>
    each.t >= started_ms && each.region !== region;
  const asked = run.all('gslb.redirected').find(isOther);
  const ready = run.all('app.ready').find(isOther);
  if (asked === undefined || ready === undefined) return [];
  const told = run.all('step.ended').find(({ t }) => t >= ready.t);
  if (told === undefined || told.t > asked.t) return [];
  const { size } = movedClients(clients);
  const cause: Cause = { kind: 'no-question', clients: size, ttl_ms: clients.ttl_ms };
  const isBetween = (ms: number) => ms > told.t && ms <= asked.t + SLACK_MS;
  const heals = healsOf(run, 'stale-dns').filter(isBetween);
  const from_ms = Math.min(asked.t, Math.max(told.t, ...heals));
  const stale = { from_ms: told.t, to_ms: from_ms, cause: { kind: 'stale-answers' } } as const;
  return [...(heals.length === 0 ? [] : [stale]), { from_ms, to_ms: asked.t, cause }];
}
