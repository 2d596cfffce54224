// Whether each fault lasted until it was healed: what a second look saw of it, what the heal still
// found, and what the primary said of its standby meanwhile. Somebody else can end a fault, and no
// proof from its beginning would tell.
import { hits, isOfOperators, type PlannedFault } from '../../drill/fault/registry.ts';
import type { LookResult } from '../../evidence/event.ts';
import type { Doubt } from '../../drill/measurement.ts';
import { replicationLink, storesOf } from '../../drill/plan/plan.ts';
import { reachOf } from '../../drill/plan/reach.ts';
import { doubt, doubts } from '../measured.ts';
import type { Timeline } from '../timeline.ts';
import { formatDuration, plainDetail } from '../words.ts';

const AFFECTED = ['recovery', 'loss', 'failback'] as const;
const LISTED = 3;
/** What is on its way when a link is cut has come and was confirmed by then. */
const ARRIVED_MS = 1_000;
/** So many words of a primary may have been asked for before that, and be told after it. */
const STALE_WORDS = 2;

/** `reasons` cast doubt on what was measured; the ledger, and what it proves, stays sound. */
export function notLasting(reasons: readonly string[]): Doubt[] {
  return AFFECTED.flatMap((affects) => doubts(affects, reasons));
}

export function nameOfFault(fault: PlannedFault): string {
  const where = isOfOperators(fault.kind) ? 'the operators' : `region ${fault.region}`;
  const whose = 'node' in fault ? fault.node : where;
  // Several may hit one region at once.
  const which = fault.kind === 'command' ? ` (${fault.title})` : '';
  return `The fault ${fault.kind} of ${whose}${which}`;
}

export function lastingDoubts(run: Timeline): Doubt[] {
  const reasons = run.plan.faults.flatMap((fault) => [
    ...lookReasons(run, fault),
    ...healReasons(run, fault),
    ...lagReasons(run, fault),
    ...fenceReasons(run, fault),
  ]);
  return [...notLasting([...reasons, ...linkReasons(run)]), ...fenceDoubts(run)];
}

/** A link that is faster than the plan says loses less, and brings clients back sooner. */
function linkReasons(run: Timeline): string[] {
  const checks = run.all('links.looked').flatMap((event) => event.checks);
  const changed = sayings(checks, false).map((each) => `A link did not stay as it was: ${each}.`);
  const unseen = sayings(checks, null).map((e) => `A link could not be looked at again: ${e}.`);
  return [...changed, ...unseen];
}

function sayings(checks: readonly LookResult[], ok: LookResult['ok']): string[] {
  return checks.filter((e) => e.ok === ok).map((e) => `${e.name}: ${plainDetail(e.detail)}`);
}

function lookReasons(run: Timeline, fault: PlannedFault): string[] {
  const injected_ms = run.injected(fault.index)?.t;
  if (injected_ms === undefined) return []; // that is a doubt already
  const looks = run.all('fault.looked').filter(({ index }) => index === fault.index);
  return looks.flatMap(({ t, checks }) => {
    const [over, unseen] = [sayings(checks, false), sayings(checks, null)];
    const when = `${formatDuration(t - injected_ms)} after it was injected`;
    const name = nameOfFault(fault);
    return [
      ...(over.length > 0
        ? [`${name} did not last: looked at again ${when}: ${listed(over, '; ')}.`]
        : []),
      ...(unseen.length > 0
        ? [`${name} could not be looked at again: ${listed(unseen, '; ')}.`]
        : []),
    ];
  });
}

function healReasons(run: Timeline, fault: PlannedFault): string[] {
  const healed = run.all('fault.healed').filter(({ index }) => index === fault.index);
  const gone = healed.flatMap((event) => event.gone ?? []);
  if (gone.length === 0) return [];
  return [
    `${nameOfFault(fault)} did not last: when it was healed, this was gone: ${listed(gone)}.`,
  ];
}

/** What a fence ends nobody can see later: it is held against the fault by what it found. */
function fenceReasons(run: Timeline, fault: PlannedFault): string[] {
  const { index, region } = fault;
  const { region: state } = fault.effect;
  const from_ms = run.injected(index)?.t ?? Infinity;
  if (state !== 'dead' && state !== 'frozen') return [];
  return run.all('fence.found').flatMap(({ t, region: fenced, running, frozen }) => {
    const isDuring = t >= from_ms && t < (run.healed(index)?.t ?? Infinity);
    const found = state === 'dead' ? [...running, ...frozen] : running;
    const over = found.filter((node) => hits(fault, node));
    if (!isDuring || fenced !== region || over.length === 0) return [];
    const words = `${listed(over)} ${state === 'dead' ? 'alive' : 'running'}`;
    return [`${nameOfFault(fault)} did not last: the fence found ${words}.`];
  });
}

function fenceDoubts(run: Timeline): Doubt[] {
  return run.all('fence.lifted').flatMap(({ region, gone }) => {
    if (gone.length === 0) return [];
    const when = `when it was lifted, this was gone: ${listed(gone)}`;
    return [doubt('failback', `The fence of ${region} did not last: ${when}.`)];
  });
}

function listed(parts: readonly string[], between = ', '): string {
  const more = parts.length > LISTED ? ` and ${parts.length - LISTED} more` : '';
  return `${parts.slice(0, LISTED).join(between)}${more}`;
}

/**
 * Nothing crosses a replication link that is silent, so that the standby falls back and never
 * catches up. A slow link is no such thing: its lag says how much is written as well.
 */
function lagReasons(run: Timeline, fault: PlannedFault): string[] {
  const injected_ms = run.injected(fault.index)?.t ?? Infinity;
  const { replication } = run.plan;
  const { silenced } = reachOf(fault, replication);
  if (!silenced.links.includes(replicationLink(replication))) return [];
  const from_ms = injected_ms + ARRIVED_MS;
  const to_ms = run.healed(fault.index)?.t ?? Infinity;
  return storesOf(run.plan).flatMap((store) => {
    const samples = run.ofStore('workload.sampled', store);
    const within = samples.filter(({ t }) => t >= from_ms && t < to_ms);
    const words = within.filter(({ lag_bytes }, at) => lag_bytes !== within[at - 1]?.lag_bytes);
    const fresh = words.slice(STALE_WORDS);
    for (const [at, { t, lag_bytes }] of fresh.entries()) {
      const before = fresh[at - 1]?.lag_bytes ?? 0; // no lag is less
      if (lag_bytes === null || lag_bytes >= before) continue;
      const when = `${formatDuration(t - injected_ms)} after it was injected`;
      const fell = `from ${before} to ${lag_bytes} bytes`;
      return [`${nameOfFault(fault)} did not last: ${when} the standby’s lag fell ${fell}.`];
    }
    return [];
  });
}
