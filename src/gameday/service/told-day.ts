// A game day as another service tells of it, through a database that others write to. What is to be
// done of it is what the file here says; what has come of it is taken as that service's word, and
// nothing is taken of a record that cannot be true.
import { isDeepStrictEqual } from 'node:util';
import type { Fit } from '../../drill/misfit.ts';
import type { DayDrill, GameDayRecord } from '../../evidence/gameday-form.ts';
import { dayVerdict } from '../../verdict/gameday.ts';
import { newRecord } from '../day/day.ts';
import { scheduledId } from '../day/day-files.ts';
import type { GameDayRead } from '../read.ts';

/** Ids become names of files: whoever writes to the database could name any. */
export function isDayOf({ id, name, due_at, drills }: GameDayRecord, read: GameDayRead): boolean {
  const isOwn = name === read.gameday.name && id === scheduledId(name, Date.parse(due_at));
  return isOwn && drills.every(({ series }, at) => series === `${id}-${at + 1}`);
}

interface Here {
  readonly read: GameDayRead;
  readonly runs: string;
  /** What this service has of the same day; null: nothing. */
  readonly known: GameDayRecord | null;
}

/** The record to go on with, or in what the one that was told contradicts itself or the file. */
export function toldDay(told: GameDayRecord, { read, runs, known }: Here): Fit<GameDayRecord> {
  const { id, by, due_at, began_at, approved, ended_at, stop, verdict, service } = told;
  const own = newRecord(read, { id, by, due_ms: Date.parse(due_at), runs });
  const problem = otherDrill(own, told) ?? contradictionIn(told);
  if (problem !== null) return { problem };
  // What was done here and could not be told counts too.
  const mine = known?.began_at === null ? null : known;
  const drills = own.drills.map((drill, at) => {
    const here = mine?.drills[at];
    if (here?.state === 'ended' && here.told_by === undefined) return here;
    const { state, outcome, told_by = service ?? 'another service' } = told.drills[at]!;
    return { ...drill, state, outcome, ...(outcome === null ? {} : { told_by }) };
  });
  const { began_at: since, approved: agreed } = mine ?? { began_at, approved };
  return { value: { ...own, drills, began_at: since, approved: agreed, ended_at, stop, verdict } };
}

/** What a drill is, without what came of it. */
function asked(drill: DayDrill): object {
  const { state: _, outcome: __, told_by: ___, ...own } = drill;
  return own;
}

function otherDrill(own: GameDayRecord, told: GameDayRecord): string | null {
  const [here, there] = [own.drills.map(asked), told.drills.map(asked)] as const;
  if (here.length !== there.length) {
    return `it has ${there.length} drills, and ${own.file} here has ${here.length}`;
  }
  const at = here.findIndex((drill, index) => !isDeepStrictEqual(drill, there[index]));
  if (at === -1) return null;
  const [mine, other] = [own, told].map(({ drills }) => drills[at]!.name);
  const which = mine === other ? `${other} as it is not in` : `${other}, not ${mine} as in`;
  return `its drill ${at + 1} is ${which} ${own.file} here`;
}

function contradictionIn(told: GameDayRecord): string | null {
  const { began_at, ended_at, drills, stop, verdict } = told;
  const odd = drills.find((drill) => !isPossible(drill, told));
  if (odd !== undefined) return `what it says of its drill ${odd.name} cannot be`;
  if (ended_at === null) return verdict === null && stop === null ? null : 'it has not ended';
  if (began_at !== null && ended_at < began_at) return 'it ended before it began';
  return verdict === dayVerdict(told) ? null : `${verdict} is not what its drills come to`;
}

/** No run passes without having been made, nor with a target that it missed and nobody knew of. */
function isPossible(
  { state, outcome, findings }: DayDrill,
  { began_at, ended_at }: GameDayRecord,
): boolean {
  const isOver = ended_at !== null;
  if (outcome === null) return state === (isOver ? 'skipped' : 'due');
  if (state !== 'ended' || began_at === null) return false;
  if (outcome.verdict !== 'pass') return true;
  const areMet = outcome.gates.every(({ name, verdict }) => {
    return verdict === 'pass' || (verdict === 'fail' && findings[name] !== undefined);
  });
  return areMet && outcome.trials.made > 0;
}
