// How each verdict is named, marked and coloured, and what one sentence says of it.
import { clockStart } from '../../drill/plan/clock.ts';
import { formatDuration } from '../../base/units.ts';
import { STORES } from '../../drill/stores.ts';
import type { Paint, Style } from '../../screen/paint.ts';
import { count, formatCount, printable } from '../../screen/text.ts';
import type { Gate, Result, ResultRecovery, Verdict } from '../../verdict/result.ts';
import { isWatched } from '../../verdict/gates.ts';

const BADGES: Readonly<Record<Verdict, readonly [string, Style]>> = {
  pass: ['PASS', 'goodBadge'],
  fail: ['FAIL', 'badBadge'],
  inconclusive: ['INCONCLUSIVE', 'warnBadge'],
  environment: ['ENVIRONMENT', 'warnBadge'],
  unclean: ['UNCLEAN', 'warnBadge'],
  interrupted: ['INTERRUPTED', 'warnBadge'],
  internal: ['INTERNAL ERROR', 'badBadge'],
};

const MARKS: Readonly<Record<Gate['verdict'], readonly [string, Style]>> = {
  pass: ['✓', 'good'],
  fail: ['✗', 'bad'],
  inconclusive: ['?', 'warn'],
};

/** The verdict as a word that stands out; the blanks around it carry the colour. */
export function verdictBadge(verdict: Verdict, paint: Paint): string {
  const [word, style] = BADGES[verdict];
  return paint(style, ` ${word} `).trim();
}

/** What its file, or whoever ran it, says of a drill, each with its name. */
export function drillFacts({
  controls = [],
  outside = [],
}: Pick<Result['drill'], 'controls' | 'outside'>): (readonly [string, string])[] {
  const values = outside.map(({ key, value, from }) => `${key}=${value} (${from})`);
  const facts = [
    ['controls', controls.join(', ')],
    ['given', values.length === 0 ? '' : `${values.join(', ')}: not in the drill file`],
  ] as const;
  return facts.flatMap(([name, text]) => (text === '' ? [] : [[name, printable(text)] as const]));
}

export function verdictWord(verdict: Verdict): string {
  return BADGES[verdict][0];
}

/** The colour of a verdict that stands in a line or a table. */
export function verdictStyle(verdict: Verdict): 'good' | 'bad' | 'warn' {
  if (verdict === 'pass') return 'good';
  return verdict === 'fail' || verdict === 'internal' ? 'bad' : 'warn';
}

export function gateMark(verdict: Gate['verdict'], paint: Paint): string {
  const [mark, style] = MARKS[verdict];
  return paint(style, mark);
}

/** What happened, in one sentence for somebody who was just woken up. */
export function headline(result: Result): string {
  if (result.verdict === 'internal') {
    return 'A bug in drill ended this run. Please report it, with the files named below.';
  }
  if (result.verdict === 'interrupted') {
    const healed = result.cleanup?.clean === true ? '; all was healed first' : '';
    return measured(result) ?? `Stopped before anything was measured${healed}.`;
  }
  return measured(result) ?? UNMEASURED[result.verdict] ?? 'Nothing was measured.';
}

const UNMEASURED: Readonly<Partial<Record<Verdict, string>>> = {
  environment: 'The system did not come up, or broke off; nothing was measured.',
};

function measured(result: Result): string | null {
  const { drill, recovery, loss, failback, divergence, failures, verdict } = result;
  const isSeen = recovery !== null && isWatched(recovery, verdict);
  const isStopped = recovery?.stopped_after_ms !== undefined;
  const isUnled = failures.some(({ code }) => code === 'no-primary');
  if (!isSeen && !isStopped && !isUnled && loss === null) return null;
  const since = clockStart(drill);
  const parts = [
    recovery && (isSeen ? serviceWords(recovery, since) : unseenWords(recovery, since)),
    isUnled ? 'no server takes writes now' : null,
    loss && lossWords(loss, since),
    // Nothing where there is nothing to be alarmed about.
    failback?.loss?.lost ? `${lostWrites(failback.loss.lost)} in the failback` : null,
    divergence?.differing
      ? `the serving databases differ in ${count(divergence.differing, 'row')}`
      : null,
  ];
  const sentence = `${parts.filter((part) => part !== null).join('; ')}.`;
  const caveat = verdict === 'inconclusive' ? ' That is not certain enough to judge.' : '';
  return sentence[0]!.toUpperCase() + sentence.slice(1) + caveat;
}

function serviceWords({ rto_ms, disturbed_before_ms }: ResultRecovery, since: string): string {
  if (disturbed_before_ms !== undefined) {
    return `service was disturbed before ${since}, and not seen to be whole again in time`;
  }
  if (rto_ms === null) return 'service did not come back while it was watched';
  if (rto_ms === 0) return 'clients saw no outage';
  return `service was back ${formatDuration(rto_ms)} after ${since}`;
}

function unseenWords({ stopped_after_ms: ms, outages }: ResultRecovery, since: string): string {
  if (ms === undefined) return 'the recovery time was not measured';
  const when = `${formatDuration(ms)} after ${since}`;
  if (outages.length === 0) return `the run was stopped ${when}`;
  return `service was not back when the run was stopped, ${when}`;
}

function lostWrites(lost: number): string {
  return `${count(lost, 'acknowledged write')} ${lost === 1 ? 'was' : 'were'} lost`;
}

function lossWords(
  { lost, rpo_ms, split_brain, stores }: NonNullable<Result['loss']>,
  since: string,
): string {
  if (lost === 0) return 'no acknowledged write was lost';
  const reach = rpo_ms === null ? '' : `, ${reachWords(rpo_ms, split_brain, since)}`;
  const parts = Object.values(STORES).flatMap(({ written, title }) => {
    const part = stores[written];
    return part === undefined ? [] : [`${formatCount(part.lost)} in ${title}`];
  });
  const where = parts.length < 2 ? '' : ` (${parts.join(', ')})`;
  return `${lostWrites(lost)}${where}${reach}`;
}

/** Whether some of them were acknowledged after it may not be known. */
function reachWords(rpo_ms: number, split_brain: number | null, since: string): string {
  const reach = formatDuration(rpo_ms);
  if (split_brain === null) return `acknowledged within ${reach}`;
  if (split_brain > 0) return `acknowledged within ${reach} and also after ${since}`;
  return `the oldest ${reach} before ${since}`;
}
