// A game day in words, alike in every report of it.
import { namedBack } from '../../drill/plan/clock.ts';
import { formatDuration } from '../../base/units.ts';
import type { DayDrill, DayOutcome, GameDayRecord } from '../../evidence/gameday-form.ts';
import { count, formatCount } from '../../screen/text.ts';
import { verdictWord } from '../summary/verdict-words.ts';

const NOTHING = '–';

type Standing = Pick<DayDrill, 'state' | 'outcome' | 'told_by'>;

/** `3 drills: 2 PASS, 1 not run` */
export function tallyWords({ drills }: { readonly drills: readonly Standing[] }): string {
  const words = drills.map(standingWords);
  const kinds = [...new Set(words)];
  const tally = kinds.map((kind) => `${words.filter((each) => each === kind).length} ${kind}`);
  return `${count(drills.length, 'drill')}: ${tally.join(', ')}`;
}

/** `PASS`, `PASS as told`, `not run`, `due` */
export function standingWords({ state, outcome, told_by }: Standing): string {
  const told = told_by === undefined ? '' : ' as told';
  if (outcome !== null) return `${verdictWord(outcome.verdict)}${told}`;
  return state === 'skipped' ? 'not run' : 'due';
}

/** `3`, `2 of 3` */
function trialWords({ trials: { made, planned } }: Pick<DayOutcome, 'trials'>): string {
  return made === planned ? String(made) : `${made} of ${planned}`;
}

function msWords(ms: number | null): string {
  return ms === null ? NOTHING : formatDuration(ms);
}

function writesWords(writes: number | null): string {
  return writes === null ? NOTHING : formatCount(writes);
}

/** Of the same drill of the game day before: `was 1.20 s, better`; empty: there was none. */
function sinceWords(now: DayOutcome, before: DayOutcome | null): string {
  if (before === null || before.rto_ms === null) return '';
  const was = `was ${formatDuration(before.rto_ms)}`;
  if (now.rto_ms === null || formatDuration(now.rto_ms) === formatDuration(before.rto_ms)) {
    return was;
  }
  return `${was}, ${now.rto_ms < before.rto_ms ? 'better' : 'worse'}`;
}

/** Why a day did not run, or not to its end; empty: it did. */
export function stopWords({ stop }: Pick<GameDayRecord, 'stop'>): string {
  return stop === null ? '' : `${STOPS[stop.why]}: ${stop.text}`;
}

/** Who held it, and whose word it is what came of it, in sentences; none where nobody shares it. */
export function holderWords(record: GameDayRecord): string[] {
  return [serviceWords(record), toldWords(record)].filter((text) => text !== '');
}

/** Of services that share it: `Held by b, after the service a was lost.`; empty: none shares it. */
function serviceWords({ service, lost_services: lost = [] }: GameDayRecord): string {
  if (service === undefined) return '';
  const were = lost.length === 1 ? 'service' : 'services';
  const after = lost.length === 0 ? '' : `, after the ${were} ${lost.join(', ')} had been lost`;
  return `Held by ${service}${after}.`;
}

/** Of which drills nothing is here but what another service tells; empty: of none. */
function toldWords({ drills }: Pick<GameDayRecord, 'drills'>): string {
  const services = [...new Set(drills.flatMap(({ told_by }) => told_by ?? []))];
  const each = services.map((service) => {
    const names = drills.filter(({ told_by }) => told_by === service).map(({ name }) => name);
    return `What came of ${names.join(', ')} is as ${service} told it, where its runs are`;
  });
  return each.length === 0 ? '' : `${each.join('; ')}; not verified here.`;
}

const STOPS: Readonly<Record<NonNullable<GameDayRecord['stop']>['why'], string>> = {
  blocked: 'It did not begin',
  missed: 'It was missed',
  precondition: 'It did not begin, since a precondition did not hold',
  'not-approved': 'It did not begin',
  interrupted: 'It was stopped',
  'handed-over': 'It ends here',
};

export const DRILL_HEAD = ['drill', 'verdict', 'trials', 'RTO', 'RPO', 'lost', 'last time'];

/** A row for each drill, under `DRILL_HEAD`; `before` is the day of the same name before it. */
export function drillRows(record: GameDayRecord, before: GameDayRecord | null): string[][] {
  const since = outcomesBefore(record, before);
  return record.drills.map((drill, at) => {
    const { name, outcome } = drill;
    const cells = [name, standingWords(drill)];
    if (outcome === null) return [...cells, '', '', '', '', ''];
    const { rto_ms, rpo_ms, lost } = outcome;
    const back = namedBack(outcome, msWords(rto_ms));
    const values = [trialWords(outcome), back, msWords(rpo_ms), writesWords(lost)];
    return [...cells, ...values, sinceWords(outcome, since[at]!)];
  });
}

/** Each reason with the drill that it is about. */
export function whysOf({ drills }: Pick<GameDayRecord, 'drills'>): string[] {
  return drills.flatMap(({ name, outcome }) => {
    return (outcome?.reasons ?? []).map((reason) => `${name}: ${reason}`);
  });
}

/** By the number of the drill: what came of it on the game day before. */
function outcomesBefore(
  record: GameDayRecord,
  before: GameDayRecord | null,
): readonly (DayOutcome | null)[] {
  return record.drills.map(({ name }) => {
    return before?.drills.find((drill) => drill.name === name)?.outcome ?? null;
  });
}
