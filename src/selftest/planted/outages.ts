// Outages of known length: the service fails, and serves again, at moments that it writes down. The
// truth is between its two switches, nothing that drill measured.
import { formatDuration } from '../../base/units.ts';
import type { Result } from '../../verdict/result.ts';
import { SERVE, type TruthRun, type TruthScenario } from '../known/run.ts';
import type { Behaviour, KnownService } from '../known/service.ts';
import { isWithin, type PlantedRow } from '../row.ts';
import { planted, type Planted } from './planted.ts';

const HANG: Behaviour = { kind: 'hang' };
const REFUSE: Behaviour = { kind: 'refuse' };
const HALF: Behaviour = { kind: 'half' };
const LATE: Behaviour = { kind: 'late', by_ms: 450 };
/**
 * Stated for those that are late: where it followed from the steady latency, a slow machine could
 * have an operation count as served that comes so late.
 */
const WITHIN_MS = 250;

/** How a service is to be judged that behaves so. */
export function sustainFor({ kind }: Behaviour) {
  return { for_ms: 1_000, ...(kind === 'late' ? { within_ms: WITHIN_MS } : {}) };
}

interface Outage {
  readonly what: string;
  readonly steps: readonly { readonly after_ms: number; readonly behave: Behaviour }[];
  readonly more?: Partial<TruthScenario>;
}

function outage(what: string, behave: Behaviour, ms: number, more = {}): Outage {
  const steps = [
    { after_ms: 0, behave },
    { after_ms: ms, behave: SERVE },
  ];
  return { what: `${what} ${formatDuration(ms)}`, steps, more };
}

const FLAPPING: Outage = {
  what: 'up 250 ms within 650 ms',
  steps: [
    { after_ms: 0, behave: REFUSE },
    { after_ms: 250, behave: SERVE },
    { after_ms: 500, behave: HANG },
    { after_ms: 650, behave: SERVE },
  ],
};

const AT_HALF_SPEED: Outage = {
  what: 'half speed 400 of 700 ms',
  steps: [
    { after_ms: 0, behave: REFUSE },
    { after_ms: 300, behave: HALF },
    { after_ms: 700, behave: SERVE },
  ],
};

const SHORTEST: Outage = outage('refused, success: 100%,', REFUSE, 20, {
  sustain: { for_ms: 1_000, success: 1 },
});

const QUICK: readonly Outage[] = [
  outage('refused', REFUSE, 50),
  outage('no answer', HANG, 333),
  FLAPPING,
  AT_HALF_SPEED,
];

const REST: readonly (readonly Outage[])[] = [
  [SHORTEST, outage('no answer', HANG, 50), outage('refused', REFUSE, 120)],
  [outage('too late', LATE, 333), outage('no answer', HANG, 1_000)],
  [outage('refused', REFUSE, 1_000), outage('half speed', HALF, 1_000)],
  [outage('no answer', HANG, 2_500), outage('refused', REFUSE, 5_000)],
  [outage('no answer', HANG, 10_000), outage('too late', LATE, 10_000)],
];

/** Those of a group are planted side by side. */
export function outages(isQuick: boolean): Planted[] {
  const groups = isQuick ? [QUICK] : [QUICK, ...REST];
  return groups.map((group) => {
    const scenarios = group.map(({ steps, more }) => {
      return { sustain: sustainFor(steps[0]!.behave), ...more, steps };
    });
    return planted('outages of known length', scenarios, (runs) => {
      return runs.map((run, at) => outageRow(group[at]!.what, run));
    });
  });
}

/** What was planted against what the report of such a run says. */
export function outageRow(what: string, run: TruthRun): PlantedRow {
  const result = run.assess();
  const { switches } = run.east;
  const began_ms = switches[0]!.at_ms;
  const truth_ms = backAt(run.east) - began_ms;
  // The clock of a recovery time starts before the first call that injects the fault.
  const early_ms = began_ms - run.times.started;
  const { measured, low, high, isOpen } = rtoOf(result);
  const span = { low, high };
  const row = { group: 'outages', what, unit: 'ms', planted: truth_ms, measured, ...span } as const;
  if (measured === null || isOpen) return unmeasured(row, result);
  const standing = isWithin(truth_ms + early_ms, span);
  return { ...row, error: measured - truth_ms, standing, note: '' };
}

/**
 * When service was back, by the service's own books. Where it had half speed until its last switch,
 * that is not the end of the outage: the request that it takes after the last one that it left
 * hanging is.
 */
function backAt({ switches, requests }: KnownService): number {
  const last_ms = switches.at(-1)!.at_ms;
  if (switches.at(-2)?.behave.kind !== 'half') return last_ms;
  const hanging = requests.findLastIndex(({ status, at_ms }) => status === null && at_ms < last_ms);
  return requests[hanging + 1]?.at_ms ?? last_ms;
}

function rtoOf({ gates }: Result) {
  const gate = gates.find(({ name }) => name === 'rto');
  const { measured = null, low = null, high = null, verdict = 'inconclusive' } = gate ?? {};
  return { measured, low, high, isOpen: verdict === 'inconclusive' };
}

/** Drill said why, which no wrong number is. */
export function unmeasured(
  row: Omit<PlantedRow, 'error' | 'standing' | 'note'>,
  { reasons }: Result,
): PlantedRow {
  return { ...row, error: null, standing: 'unmeasured', note: reasons[0] ?? 'no value' };
}
