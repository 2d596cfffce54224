// Which fault cost what, in words: what clients met while each of them lasted.
import { formatDuration } from '../../base/units.ts';
import type { ByFault } from '../../drill/by-fault.ts';
import type { FaultFacts } from '../../drill/run-facts.ts';
import type { Paint } from '../../screen/paint.ts';
import { count, formatCount, printable } from '../../screen/text.ts';
import type { Result } from '../../verdict/result.ts';
import { hanging } from '../bullets.ts';
import { faultName } from './fault-words.ts';

export const BY_FAULT = 'What clients met, by fault';

/** What did not go as it should; in time is all the rest. */
export const MISSES = ['slow', 'refused', 'unknown', 'unsent'] as const;

type Told = Pick<Result, 'recovery' | 'faults'>;

/** Each with what lasted and how long; empty where there was a disaster. */
export function byFaultRows({ recovery, faults = [] }: Told): [name: string, met: ByFault][] {
  return (recovery?.by_fault ?? []).map((each) => {
    return [`${whatLasted(each, faults)} (${formatDuration(each.ms)})`, each];
  });
}

function whatLasted({ faults: which }: ByFault, all: readonly FaultFacts[]): string {
  if (which.length === 0) return all.length === 1 ? 'after it' : 'while none of them lasted';
  const names = which.map((index) => {
    const fault = all.find((each) => each.index === index);
    if (fault === undefined) return `faults.${index}`;
    const alike = all.filter((each) => faultName(each) === faultName(fault));
    const since = fault.healed_ms === null ? 'since ' : '';
    return `${since}${faultName(fault)}${alike.length === 1 ? '' : `, ${alike.length} times`}`;
  });
  return names.join(' + ');
}

/** One for each, and what its words mean. */
export function byFaultSentences(result: Told): string[] {
  const each = byFaultRows(result).map(([name, met]) => `${name}: ${metWords(met)}.`);
  return [...each, ...byFaultNotes(result)];
}

export function byFaultSection(result: Told, width: number, paint: Paint): string[] {
  const rows = byFaultRows(result);
  if (rows.length === 0) return [];
  const dim = (line: string) => paint('dim', line);
  return [
    paint('bold', BY_FAULT),
    ...rows.flatMap(([name, met]) => [
      ...hanging('  ', printable(name), width),
      ...hanging('    ', metWords(met), width, dim),
    ]),
    ...byFaultNotes(result).flatMap((text) => hanging('  ', text, width, dim)),
  ];
}

/** `400 operations: 380 served in time, 20 slow; p99 latency 2 s` */
function metWords(met: ByFault): string {
  const { due, served, p99_ms } = met;
  const missed = MISSES.filter((key) => met[key] > 0).map((key) => {
    return `${formatCount(met[key])} ${key}`;
  });
  const inTime = missed.length === 0 ? 'all' : formatCount(served);
  const p99 = p99_ms === null ? '' : `; p99 latency ${formatDuration(p99_ms)}`;
  const parts = [`${inTime} served in time`, ...missed].join(', ');
  return `${count(due, 'operation')}: ${parts}${p99}`;
}

/** What some of the words mean, where they stand. */
export function byFaultNotes(result: Told): string[] {
  const all = result.recovery?.by_fault ?? [];
  const within_ms = result.recovery?.served_within_ms ?? null;
  const isSlow = all.some(({ slow }) => slow > 0) && within_ms !== null;
  const isLacking = all.some(({ due, served, slow }) => served + slow < due);
  return [
    ...(isSlow ? [`Slow is slower than ${formatDuration(within_ms)}.`] : []),
    ...(isLacking ? ['In the p99 latency, what was not acknowledged took the timeout.'] : []),
  ];
}
