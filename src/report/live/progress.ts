// How far a run is, folded from its plan and events: what `live` draws and what `plain` says in its
// heartbeat. Pure: times are those of the events, milliseconds since the run's origin.
import type { EventBodies, Phase, RunEvent, WorkloadSample } from '../../evidence/event.ts';
import { STORE_ROLES, storesOf, type Plan, type StoreRole } from '../../drill/plan/plan.ts';
import { formatDuration } from '../../base/units.ts';
import { formatBytes } from '../../screen/text.ts';
import { eventLine, type EventLine } from './event-line.ts';

interface PhaseProgress {
  readonly phase: Phase;
  readonly started_ms: number;
  readonly ms: number | null;
}

/** Runs from the disaster until service is sustained or given up. */
interface RtoClock {
  readonly started_ms: number;
  /** What the time goes into; service that is back is confirmed before the clock stops. */
  readonly state: 'unnoticed' | 'detected' | 'recovering' | 'confirming';
  /** Null: it runs. `rto_ms` null: given up. */
  readonly ended: { readonly at_ms: number; readonly rto_ms: number | null } | null;
}

type Sample = WorkloadSample & { readonly lag_bytes: number | null };

interface SampleOfStore {
  readonly sample: Sample;
  readonly t: number;
  /** Acknowledged per second since the one before; null: it is the first. */
  readonly rate: number | null;
  /** The same of those that failed. */
  readonly failed: number | null;
}

export interface Progress {
  readonly plan: Plan;
  readonly origin_ms: number | null;
  readonly phases: readonly PhaseProgress[];
  /** The newest of all stores' clients, added up. */
  readonly sample: Sample | null;
  readonly samples: Readonly<Partial<Record<StoreRole, SampleOfStore>>>;
  /** Acknowledged per second, of all stores, oldest first. */
  readonly rates: readonly number[];
  /** Refused, without an answer or never sent, a second, of all stores. */
  readonly failing_per_s: number;
  /** Whether what survived was read, so that the loss can be counted. */
  readonly isRead: boolean;
  readonly rto: RtoClock | null;
  /** How far the filled template is; null: none is being made. */
  readonly filling: EventBodies['data.filling'] | null;
  readonly lines: readonly (EventLine & { readonly t: number })[];
}

const RATES_KEPT = 200;
const LINES_KEPT = 50;

export function startProgress(plan: Plan): Progress {
  return {
    plan,
    origin_ms: null,
    phases: [],
    sample: null,
    samples: {},
    rates: [],
    failing_per_s: 0,
    isRead: false,
    rto: null,
    filling: null,
    lines: [],
  };
}

export function advance(before: Progress, event: RunEvent): Progress {
  const after = { ...before, ...changed(before, event) };
  const line = event.event === 'phase.started' ? null : eventLine(event, before.plan);
  if (line === null) return after;
  return { ...after, lines: [...before.lines, { ...line, t: event.t }].slice(-LINES_KEPT) };
}

function changed(before: Progress, event: RunEvent): Partial<Progress> {
  switch (event.event) {
    case 'run.started':
      return { origin_ms: event.origin_ms };
    case 'phase.started':
      return {
        phases: [...before.phases, { phase: event.phase, started_ms: event.t, ms: null }],
      };
    case 'phase.ended':
      return {
        phases: before.phases.map((each) =>
          each.phase === event.phase ? { ...each, ms: event.ms } : each,
        ),
      };
    case 'data.filling':
      return { filling: event };
    case 'data.filled':
      return { filling: null };
    case 'workload.sampled':
      return sampled(before, event);
    case 'fault.started': {
      if (!event.disaster) return {};
      return { rto: { started_ms: event.t, state: 'unnoticed', ended: null } };
    }
    case 'region.down':
      return entered(before, 'detected');
    case 'recovery.started':
      return entered(before, 'recovering');
    case 'gslb.redirected':
      return entered(before, 'confirming');
    case 'verification.checked':
      return { isRead: true };
    case 'service.sustained':
      return ended(before, event.t, event.rto_ms);
    case 'service.missing':
      return ended(before, event.t, null);
    default:
      return {};
  }
}

function sampled(
  before: Progress,
  event: Extract<RunEvent, { event: 'workload.sampled' }>,
): Partial<Progress> {
  const since = before.samples[event.store]?.t ?? null;
  const each = (count: number) =>
    since === null || event.t <= since ? null : (count / (event.t - since)) * 1000;
  const rate = each(event.acknowledged);
  const failed = each(event.refused + event.unknown + event.unsent);
  const own = { sample: event, t: event.t, rate, failed };
  const samples = { ...before.samples, [event.store]: own };
  const known = storesOf(before.plan).flatMap((store) => samples[store] ?? []);
  // One step of the rates for each sample of the first store, with what the others had last.
  const isStep = rate !== null && event.store === STORE_ROLES[0];
  const total = known.reduce((sum, store) => sum + (store.rate ?? 0), 0);
  return {
    sample: known.map(({ sample }) => sample).reduce(added),
    samples,
    failing_per_s: known.reduce((sum, store) => sum + (store.failed ?? 0), 0),
    rates: isStep ? [...before.rates, total].slice(-RATES_KEPT) : before.rates,
  };
}

/** Two stores' clients as one: counts add up, the slower latency and the larger lag stand. */
function added(a: Sample, b: Sample): Sample {
  const sum = (of: (sample: Sample) => number) => of(a) + of(b);
  const p99s = [a, b].flatMap(({ p99_ms }) => p99_ms ?? []);
  // Not known of one is not known.
  const lag = a.lag_bytes === null || b.lag_bytes === null;
  return {
    rate_per_s: sum(({ rate_per_s }) => rate_per_s),
    acknowledged: sum(({ acknowledged }) => acknowledged),
    refused: sum(({ refused }) => refused),
    unknown: sum(({ unknown }) => unknown),
    unsent: sum(({ unsent }) => unsent),
    in_flight: sum(({ in_flight }) => in_flight),
    p99_ms: p99s.length === 0 ? null : Math.max(...p99s),
    total_acknowledged: sum(({ total_acknowledged }) => total_acknowledged),
    lag_bytes: lag ? null : Math.max(a.lag_bytes, b.lag_bytes),
  };
}

function entered(before: Progress, state: RtoClock['state']): Partial<Progress> {
  return before.rto === null ? {} : { rto: { ...before.rto, state } };
}

/** Once: service that moves back later has a time of its own. */
function ended(before: Progress, at_ms: number, rto_ms: number | null): Partial<Progress> {
  if (before.rto === null || before.rto.ended !== null) return {};
  return { rto: { ...before.rto, ended: { at_ms, rto_ms } } };
}

/** What the recovery clock shows at `t`, milliseconds. */
export function rtoSoFar(rto: RtoClock, t: number): number {
  return rto.ended?.rto_ms ?? Math.max(0, (rto.ended?.at_ms ?? t) - rto.started_ms);
}

/** Numbers of a sample in words; what is not known is a dash. */
export function sampleWords({ p99_ms, lag_bytes }: Sample) {
  return {
    p99: `p99 ${p99_ms === null ? '–' : formatDuration(p99_ms)}`,
    lag: `lag ${lag_bytes === null ? '–' : formatBytes(lag_bytes)}`,
  };
}
