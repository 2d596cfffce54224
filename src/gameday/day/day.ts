// A game day from its file to its record, and from its record back to drills that can be run.
import { planHash } from '../../archive/compare.ts';
import type { DrillFlags } from '../../drill/file/config.ts';
import type { Diagnostic } from '../../drill/file/diagnostic.ts';
import type { DayDrill, GameDayRecord } from '../../evidence/gameday-form.ts';
import { readDrill, type DrillRead } from '../../session/read.ts';
import type { Surroundings } from '../../session/session.ts';
import type { GameDay } from '../file/schema.ts';
import type { GameDayRead } from '../read.ts';

/** Which game day it is, and who wants it. */
export interface DayOf {
  readonly id: string;
  readonly by: GameDayRecord['by'];
  readonly due_ms: number;
  readonly runs: string;
}

/** The record of a day of which nothing was done. */
export function newRecord({ file, gameday, drills }: GameDayRead, of: DayOf): GameDayRecord {
  const { id, by, due_ms, runs } = of;
  const { name, description, after_failure } = gameday;
  return {
    schema: 'drill.gameday/1',
    id,
    name,
    file,
    description,
    by,
    due_at: new Date(due_ms).toISOString(),
    began_at: null,
    ended_at: null,
    runs,
    roles: rolesOf(gameday),
    approved: null,
    after_failure,
    drills: drills.map((drill, at) => dayDrill(gameday.drills[at]!, drill, `${id}-${at + 1}`)),
    stop: null,
    verdict: null,
  };
}

/** Who takes part. */
export function rolesOf({ roles }: Pick<GameDay, 'roles'>): GameDayRecord['roles'] {
  const { owner = null, on_call = null, observers } = roles;
  return { owner, on_call, observers };
}

function dayDrill(
  { drill: file, set, seed, repeat, findings }: GameDayRead['gameday']['drills'][number],
  { plan }: DrillRead,
  series: string,
): DayDrill {
  return {
    file,
    name: plan.name,
    set: Object.entries(set).map(([key, value]) => `${key}=${value}`),
    ...(seed === undefined ? {} : { seed: String(seed) }),
    ...(repeat === undefined ? {} : { repeat: String(repeat) }),
    plan_hash: planHash(plan),
    findings,
    series,
    state: 'due',
    outcome: null,
  };
}

/** What is laid over the drill file. */
export function flagsOf({ set, seed, repeat }: Pick<DayDrill, 'set' | 'seed' | 'repeat'>) {
  return { set, seed, repeat } satisfies DrillFlags;
}

/** The drills of a record, read again; `drills` is null where one cannot be read any more. */
export async function drillsAgain(
  { drills }: GameDayRecord,
  place: Pick<Surroundings, 'directory' | 'environment'>,
): Promise<{
  readonly drills: readonly DrillRead[] | null;
  readonly diagnostics: readonly Diagnostic[];
}> {
  const read: DrillRead[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const each of drills) {
    const reading = await readDrill(each.file, flagsOf(each), place);
    diagnostics.push(...reading.diagnostics);
    if (reading.drill !== null) read.push(reading.drill);
  }
  return { drills: read.length === drills.length ? read : null, diagnostics };
}
