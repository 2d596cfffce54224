// Reads a game-day file with every drill that it names, each with what the file lays over it, so
// that everything that is wrong is known before the first one is due.
import type { DrillFlags } from '../drill/file/config.ts';
import { hasErrors, type Diagnostic } from '../drill/file/diagnostic.ts';
import { GATES } from '../drill/gate/registry.ts';
import { targetOf } from '../drill/gate/targets.ts';
import { readDrill, type DrillRead } from '../session/read.ts';
import type { Surroundings } from '../session/session.ts';
import { readSource, unreadDiagnostic } from '../session/source.ts';
import { parseGameDay } from './file/parse-gameday.ts';
import type { GameDay, PlannedDrill } from './file/schema.ts';

/** A game day that can be run. */
export interface GameDayRead {
  readonly file: string;
  readonly gameday: GameDay;
  /** In the order of the file. */
  readonly drills: readonly DrillRead[];
}

interface GameDayReading {
  /** Null where an error is among the diagnostics. */
  readonly read: GameDayRead | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** `variables` go before those of the file. */
export async function readGameDay(
  file: string,
  variables: Readonly<Record<string, string>>,
  place: Pick<Surroundings, 'directory' | 'environment'>,
): Promise<GameDayReading> {
  const source = await readSource(file, place.directory);
  if ('problem' in source) return { read: null, diagnostics: [unreadDiagnostic(source)] };
  const { environment } = place;
  const { gameday, diagnostics } = parseGameDay(source, { variables, environment });
  if (gameday === null) return { read: null, diagnostics };
  const problems: Diagnostic[] = [...diagnostics];
  const drills: DrillRead[] = [];
  for (const [index, planned] of gameday.drills.entries()) {
    const reading = await readDrill(planned.drill, flagsOf(planned), place);
    problems.push(...reading.diagnostics);
    if (reading.drill === null) continue;
    drills.push(reading.drill);
    const path = `drills.${index}.findings`;
    problems.push(...unknownFindings({ source: file, path }, planned, reading.drill));
  }
  return { read: hasErrors(problems) ? null : { file, gameday, drills }, diagnostics: problems };
}

function flagsOf({ set, seed, repeat }: PlannedDrill): DrillFlags {
  return {
    set: Object.entries(set).map(([key, value]) => `${key}=${value}`),
    seed: seed?.toString(),
    repeat: repeat?.toString(),
  };
}

/** A finding of a gate that the drill has not would wait for ever. */
function unknownFindings(
  { source, path }: { readonly source: string; readonly path: string },
  { findings }: PlannedDrill,
  { plan, file }: DrillRead,
): Diagnostic[] {
  const gates = GATES.filter((gate) => targetOf(gate, plan.targets) !== null);
  const names = gates.map(({ name }) => name as string);
  const unknown = Object.keys(findings).filter((name) => !names.includes(name));
  return unknown.map((name) => ({
    severity: 'error',
    path: `${path}.${name}`,
    message: `${file} has no target of that name; it has ${names.join(', ')}`,
    source,
    place: null,
  }));
}
