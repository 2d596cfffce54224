// What has to hold before a game day begins, each looked at when it is due.
import { brokenOff } from '../../archive/run-list.ts';
import { formatDuration } from '../../base/units.ts';
import { abortAfter, type Clock } from '../../host/clock.ts';
import { runCommand } from '../../host/command.ts';
import { reasonOf } from '../../host/operation-failed.ts';
import { markedEnvironment } from '../../host/process/environment.ts';
import type { Surroundings } from '../../session/session.ts';
import type { Precondition } from '../file/schema.ts';

export interface DayPlace extends Pick<Surroundings, 'environment' | 'interrupt'> {
  readonly id: string;
  readonly runs: string;
  readonly clock: Pick<Clock, 'sleep'>;
  /** Takes the output of commands. */
  readonly logFile: string;
}

/** Why the first of them that does not hold does not, in a sentence; null: they all hold. */
export async function brokenPrecondition(
  preconditions: readonly Precondition[],
  place: DayPlace,
): Promise<string | null> {
  for (const each of preconditions) {
    const broken = await brokenBy(each, place);
    place.interrupt.throwIfAborted();
    if (broken !== null) return broken;
  }
  return null;
}

async function brokenBy(each: Precondition, place: DayPlace): Promise<string | null> {
  switch (each.kind) {
    case 'clean':
      return uncleanRun(place.runs);
    case 'url':
      return await wrongAnswer(each, place);
    case 'command':
      return await failedCommand(each, place);
  }
}

function uncleanRun(runs: string): string | null {
  const [left] = brokenOff(runs);
  return left === undefined ? null : `${left} left something on the machine; drill clean ${left}`;
}

async function wrongAnswer(
  { url, status, within }: Extract<Precondition, { kind: 'url' }>,
  { interrupt, clock }: DayPlace,
): Promise<string | null> {
  const expected = `${url}: expected status ${status} within ${formatDuration(within)}`;
  const over = new AbortController();
  const tooLong = abortAfter(clock, within, new Error('no answer'), over.signal);
  const signal = AbortSignal.any([interrupt, tooLong]);
  try {
    const reply = await fetch(url, { signal, redirect: 'manual' });
    await reply.body?.cancel();
    return reply.status === status ? null : `${expected}, got ${reply.status}`;
  } catch (error) {
    const { message, cause } = error as Error;
    const why = cause instanceof Error ? cause.message : message;
    return `${expected}, got ${signal.aborted ? 'no answer' : why}`;
  } finally {
    over.abort();
  }
}

async function failedCommand(
  { command, within }: Extract<Precondition, { kind: 'command' }>,
  { environment, interrupt, clock, logFile, id }: DayPlace,
): Promise<string | null> {
  const over = new AbortController();
  const tooLong = abortAfter(clock, within, new Error('it takes too long'), over.signal);
  const signal = AbortSignal.any([interrupt, tooLong]);
  const own = { environment: markedEnvironment(environment, id), logFile, signal };
  try {
    await runCommand(command, own);
    return null;
  } catch (error) {
    interrupt.throwIfAborted();
    if (!tooLong.aborted) return reasonOf(error);
    return `${command.join(' ')}: expected exit code 0 within ${formatDuration(within)}`;
  } finally {
    over.abort();
  }
}
