// The recovery time of a run as text: its phases one under the other, each bar beginning where the
// one before ends, and below them the whole with its error bar.
import { OWN_SYSTEM } from '../../drill/names.ts';
import { formatDuration } from '../../base/units.ts';
import type { Paint } from '../../screen/paint.ts';
import { count, padEnd, padStart, printable, wrap } from '../../screen/text.ts';
import { backName, clockStart, hasDisaster } from '../../drill/plan/clock.ts';
import type { Result, ResultRecovery } from '../../verdict/result.ts';
import { hanging } from '../bullets.ts';
import { causeOfPhase } from './cause-words.ts';
import { isWatched } from '../../verdict/gates.ts';

/** What each phase lasts until. */
export const PHASE_MEANINGS: Readonly<Record<string, string>> = {
  detect: 'until health checks saw it',
  decide: 'until it was declared',
  fence: 'until the old side was out',
  promote: 'until the standby took writes',
  restore: 'until restored, taking writes',
  start: 'until the app was ready',
  failover: 'until another took writes',
  redirect: 'until clients were led there',
  reconnect: 'until a client was served',
  stabilise: 'until the full rate was back',
};

/** Service was back in it: what it is named after came later, if at all. */
const CUT_OFF = 'until service was back';
const LATER = 'after service was back';
/** Phases are cut where service is back, but for rounding. */
const SAME_MS = 1;

/** Until what a phase lasted, one that has a time. */
export function phaseMeaning(
  { phases, rto_ms }: Pick<ResultRecovery, 'phases' | 'rto_ms'>,
  name: string,
): string {
  const at = phases.findIndex((phase) => phase.name === name);
  const usual = PHASE_MEANINGS[name] ?? '';
  if (rto_ms === null || at < 0 || at === phases.length - 1) return usual;
  const until = (end: number) => phases.slice(0, end).reduce((sum, { ms }) => sum + (ms ?? 0), 0);
  if (until(at) >= rto_ms - SAME_MS) return LATER;
  return until(at + 1) >= rto_ms - SAME_MS ? CUT_OFF : usual;
}

/** A result that has a recovery. */
export type Recovered = Pick<Result, 'verdict' | 'drill'> & { readonly recovery: ResultRecovery };

/** What the recovery time of a drill is called where nothing is recovered from. */
export function recoveryTitle(drill: Result['drill']): string {
  return hasDisaster(drill)
    ? 'Recovery'
    : 'Service from the first fault until it was back for good';
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];
const NAME_WIDTH = 9;
const TIME_WIDTH = 8;
const MEANING_WIDTH = 29;
const NARROWEST_BAR = 10;
const WIDEST_BAR = 40;

/** `width` in columns; where it is too small for bars, the words alone. */
export function recoverySection(
  { recovery, verdict, drill }: Recovered,
  width: number,
  paint: Paint,
): string[] {
  const { rto_ms } = recovery;
  const phases = phasesShown(recovery.phases, drill);
  const room = width - (2 + NAME_WIDTH + 2 + TIME_WIDTH + 2 + 2 + MEANING_WIDTH);
  const barWidth = room < NARROWEST_BAR ? 0 : Math.min(WIDEST_BAR, room);
  const total = rto_ms ?? phases.reduce((sum, phase) => sum + (phase.ms ?? 0), 0);
  const row = (name: string, ms: number | null, bar: string, meaning: string) => {
    const time = padStart(ms === null ? '–' : formatDuration(ms), TIME_WIDTH);
    const drawn = barWidth === 0 ? '' : `${padEnd(bar, barWidth)}  `;
    return `  ${padEnd(name, NAME_WIDTH)}  ${time}  ${drawn}${paint('dim', meaning)}`.trimEnd();
  };
  let before = 0;
  const rows = phases.map(({ name, ms }) => {
    const bar = ms === null ? '' : phaseBar(before / total, ms / total, barWidth);
    before += ms ?? 0;
    // Not every recovery has every phase; one that was not finished may have lacked it.
    const absent = rto_ms === null ? neverSeen(recovery) : 'none in this recovery';
    const meaning = ms === null ? absent : phaseMeaning(recovery, name);
    return row(name, ms, paint('accent', bar), meaning);
  });
  const causes = phases.flatMap(({ name }) => {
    const words = causeOfPhase(recovery, name);
    if (words === '' || rto_ms === 0) return [];
    const head = `  ${padEnd(name, NAME_WIDTH)}  `;
    return hanging(head, printable(words), width, (line) => paint('dim', line));
  });
  return [
    paint('bold', recoveryTitle(drill)),
    ...(rto_ms === 0 ? [] : rows),
    row(
      backName(drill),
      rto_ms,
      wholeBar(recovery, barWidth),
      wholeMeaning({ recovery, verdict, drill }),
    ),
    ...wrap(recoveryFacts({ recovery, drill }).join(' '), width - 2).map(
      (line) => `  ${paint('dim', line)}`,
    ),
    ...(causes.length === 0 ? [] : ['', paint('bold', 'Largest cause of each phase'), ...causes]),
  ];
}

/** From outside a failover that nobody declares is one phase: the others never come. */
export function phasesShown(
  phases: ResultRecovery['phases'],
  { strategy }: Pick<Result['drill'], 'strategy'>,
): ResultRecovery['phases'] {
  return phases.filter(({ name, ms }) => {
    return strategy !== OWN_SYSTEM || ms !== null || OF_OWN_SYSTEM.includes(name);
  });
}

const OF_OWN_SYSTEM: readonly string[] = ['failover', 'reconnect', 'stabilise'];

/** Begins `from` of the way and is `share` long, both 0–1, to an eighth of a column. */
function phaseBar(from: number, share: number, width: number): string {
  if (!(share > 0) || width === 0) return '';
  const start = Math.min(width - 1, Math.floor(from * width));
  const eighths = Math.min((width - start) * 8, Math.max(1, Math.round(share * width * 8)));
  return ' '.repeat(start) + '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8];
}

/** How much less the RTO may be, and how much more, as another store's clients saw it. */
function doubtOf({ rto_ms, rto_high_ms, uncertainty_ms }: ResultRecovery) {
  const more = Math.max(0, (rto_high_ms ?? rto_ms ?? 0) - (rto_ms ?? 0));
  return { more, less: Math.max(0, (uncertainty_ms ?? 0) - more) };
}

/** The double part, to scale and at least a column, may or may not be outage. */
function wholeBar(recovery: ResultRecovery, barWidth: number): string {
  const { rto_ms } = recovery;
  if (rto_ms === null || rto_ms === 0) return '';
  const { less } = doubtOf(recovery);
  const share = Math.min(1, less / rto_ms);
  const doubtful = less > 0 ? Math.max(1, Math.round(share * (barWidth - 1))) : 0;
  const certain = Math.max(0, barWidth - 1 - doubtful);
  return `├${'─'.repeat(certain)}${'┄'.repeat(doubtful)}`;
}

/** A run that was stopped may have been short of anything. */
function neverSeen({ stopped_after_ms }: ResultRecovery): string {
  return stopped_after_ms === undefined ? 'never seen' : 'not seen before the stop';
}

function notWatched({ stopped_after_ms, outages }: ResultRecovery): string {
  if (stopped_after_ms === undefined || outages.length === 0) return 'not measured';
  return 'not back when it was stopped';
}

/** The error bar, or why there is no RTO. */
export function wholeMeaning({ recovery, verdict, drill }: Recovered): string {
  if (recovery.rto_ms === null) {
    if (!isWatched(recovery, verdict)) return notWatched(recovery);
    const isDisturbed = recovery.disturbed_before_ms !== undefined;
    return isDisturbed ? `disturbed before ${clockStart(drill)}` : 'not back while it was watched';
  }
  const { less, more } = doubtOf(recovery);
  const parts = [
    ...(less > 0 ? [`${formatDuration(less)} less`] : []),
    ...(more > 0 ? [`${formatDuration(more)} more`] : []),
  ];
  return parts.length === 0 ? '' : `at most ${parts.join(' or ')}`;
}

/** What its numbers mean, and how far they go; each a sentence. */
export function recoveryFacts({ recovery, drill }: Omit<Recovered, 'verdict'>): string[] {
  const { rto_ms, rto_from_declaration_ms: declared, outages, downtime_ms } = recovery;
  const parts: string[] = [];
  if (declared !== null && rto_ms !== null && rto_ms > 0) {
    const [whole, when] = hasDisaster(drill)
      ? ['the RTO', 'the declaration']
      : ['that time', 'the decision to recover'];
    parts.push(`Of ${whole}, ${formatDuration(declared)} came after ${when}.`);
  }
  const { rto_from_effect_ms: seen = null } = recovery;
  if (seen !== null && rto_ms !== null && rto_ms > 0) {
    parts.push(`Of the RTO, ${formatDuration(seen)} came after the fault was seen to bite.`);
  }
  if (outages.length > 1) {
    const down = downtime_ms === null ? '' : `, down for ${formatDuration(downtime_ms)} in all`;
    parts.push(`${count(outages.length, 'outage')}${down}.`);
  }
  if (recovery.longest_gap_ms !== null) {
    const gap = formatDuration(recovery.longest_gap_ms);
    parts.push(`Longest time between two acknowledgements: ${gap}.`);
  }
  if (recovery.steady_served_per_s !== null && recovery.steady_p99_ms !== null) {
    const p99 = formatDuration(recovery.steady_p99_ms);
    const rate = Math.round(recovery.steady_served_per_s);
    parts.push(`Before ${clockStart(drill)}: ${rate}/s were served, p99 latency ${p99}.`);
  }
  if (rto_ms !== null && rto_ms > 0) {
    parts.push('The error bar is that of this one run; other runs can differ by more.');
  }
  return parts;
}
