// A run as a line of the history, from its folder, wherever that lies.
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { conditionsOf } from '../../drill/plan/conditions.ts';
import type { Plan } from '../../drill/plan/plan.ts';
import { readWhole } from '../../evidence/evidence-error.ts';
import { readPlan, runFile } from '../../evidence/run-files.ts';
import { sha256 } from '../../host/sha256.ts';
import type { Result } from '../../verdict/result.ts';
import { comparableRto } from '../../verdict/series-regression.ts';
import { isAsWritten, readResult } from '../run-list.ts';
import type { HistoryEntry, RunFacts } from '../../evidence/history-form.ts';

export interface Remembered {
  readonly entry: HistoryEntry;
  readonly facts: RunFacts;
}

/** Null where the folder holds no result of its own run. */
export function rememberedIn(directory: string, series: string | null): Remembered | null {
  const result = readResult(directory);
  if (result === null || result.id !== basename(directory)) return null;
  try {
    const facts = factsOf(readPlan(directory), result);
    const file = runFile(directory, 'result');
    const bytes = readWhole(file);
    const stored = { sha256: sha256(bytes), bytes: bytes.length, mtime_ms: statSync(file).mtimeMs };
    const own = { series, facts: hashOf(facts), verified: isAsWritten(directory), result: stored };
    return { entry: { ...entryOf(result), ...own }, facts };
  } catch {
    return null;
  }
}

function hashOf(facts: RunFacts): string {
  return sha256(JSON.stringify(facts)).slice(0, 16);
}

type Own = 'series' | 'facts' | 'verified' | 'result';

function entryOf(result: Result): Omit<HistoryEntry, Own> {
  const { drill, recovery, loss } = result;
  const { name, sha256: hash, strategy, seed, disaster } = drill;
  return {
    schema: 'drill.history/1',
    id: result.id,
    at: result.started_at,
    drill: { name, sha256: hash, strategy, ...(disaster === undefined ? {} : { disaster }) },
    runtime: result.runtime?.kind ?? null,
    seed,
    verdict: result.verdict,
    gates: result.gates.map(({ name: gate, unit, bound, target, measured, verdict }) => {
      return { name: gate, unit, bound, target, measured, verdict };
    }),
    counts: comparableRto(result) !== null,
    rto_ms: recovery?.rto_ms ?? null,
    rto_from_declaration_ms: recovery?.rto_from_declaration_ms ?? null,
    ...(recovery?.rto_from_effect_ms === undefined
      ? {}
      : { rto_from_effect_ms: recovery.rto_from_effect_ms }),
    rpo_ms: loss?.rpo_ms ?? null,
    lost: loss?.lost ?? null,
    phases: Object.fromEntries((recovery?.phases ?? []).map((phase) => [phase.name, phase.ms])),
  };
}

/** Under which facts a run was made. */
function factsOf(plan: Plan, result: Result): RunFacts {
  const { runtime, drill_version, machine } = result;
  const all = Object.entries(runtime?.settings ?? {});
  const isImage = ([key]: readonly [string, string]) => key.startsWith('image ');
  return {
    conditions: planConditions(plan),
    versions: {
      ...(drill_version === undefined ? {} : { drill: drill_version }),
      ...(runtime === null
        ? {}
        : { runtime: runtime.kind, PostgreSQL: runtime.postgres, proxy: runtime.proxy }),
      ...Object.fromEntries(all.filter(isImage)),
    },
    settings: Object.fromEntries(all.filter((pair) => !isImage(pair))),
    machine: machine === undefined || machine === null ? null : machineWords(machine),
  };
}

type Machine = Pick<
  NonNullable<Result['machine']>,
  'cores' | 'processor' | 'memory_bytes' | 'system' | 'kernel'
>;

export function machineWords({ cores, processor, memory_bytes, system, kernel }: Machine): string {
  const memory = `${Math.round(memory_bytes / 2 ** 30)} GiB`;
  return [`${cores} × ${processor.trim()}`, memory, system, kernel].join(', ');
}

/** Of a drill however it is run: alike for a trial and for a single run, whatever the seed. */
export function planConditions(plan: Plan): Record<string, string> {
  const { trial, faults, ...rest } = plan;
  const moved_ms = trial?.moved_ms ?? 0;
  const unmoved = faults.map((fault) => {
    return fault.beforehand ? fault : { ...fault, at_ms: fault.at_ms - moved_ms };
  });
  const { seed: _, ...conditions } = Object.fromEntries(conditionsOf({ ...rest, faults: unmoved }));
  return { strategy: plan.strategy, 'recover.with': plan.recover.with, ...conditions };
}
