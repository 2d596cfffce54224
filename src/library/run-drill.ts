// `runDrill`: a drill as a call. It sits on a session, prints nothing and ends no process.
import { resolve } from 'node:path';
import type { DrillFlags } from '../drill/file/config.ts';
import { hasErrors } from '../drill/file/diagnostic.ts';
import { written } from '../evidence/journal.ts';
import { UserError } from '../screen/user-error.ts';
import { readDrill, type DrillRead } from '../session/read.ts';
import { requireRunnable, type RunOptions as HowToRun } from '../session/run-one.ts';
import { runTrials, type Made } from '../session/series.ts';
import { codesOf, judgedOf } from '../session/series-results.ts';
import type { Session, SessionEvent } from '../session/session.ts';
import { EXIT, worstExit } from '../verdict/exit-code.ts';
import type { Verdict } from '../verdict/result.ts';
import type { DrillResult, DrillSource, JournalEvent, RunOptions } from './api.ts';
import { DrillFileError } from './errors.ts';
import { summaryOf } from './summary.ts';

/** A program that waits for its drill must not wait for a person. */
function refuseOperator({ plan }: DrillRead): void {
  const none = 'waits for a person, and there is none to be asked here';
  if (plan.declare.by === 'operator') {
    throw new UserError(`${plan.name}: "declare: operator" ${none}`, {
      hint: "set: { declare: 'automatic' }",
    });
  }
  if (plan.recover.steps?.some(({ by }) => by === 'person') === true) {
    throw new UserError(`${plan.name}: a manual step ${none}`, { hint: 'leave it out' });
  }
}

/** What this process has where the caller says nothing. */
export interface Here {
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where the system comes from; the runtime that the drill names when left out. */
  readonly source?: NonNullable<HowToRun['source']>;
}

/** Of the name that messages about a drill without a file have. */
const TEXT = '(text)';

export async function runHere(
  drill: DrillSource,
  options: RunOptions,
  here: Here,
): Promise<DrillResult> {
  const { signal = new AbortController().signal } = options;
  signal.throwIfAborted();
  const session = sessionOf(options, signal, here);
  const flags = flagsOf(options);
  const read = await readWhole(drill, flags, session);
  refuseOperator(read);
  await requireRunnable([read], session);
  const how = {
    repeat: null,
    sameSeed: options.sameSeed ?? false,
    fresh: options.fresh ?? false,
    maxFailures: wholeFrom1('maxFailures', options.maxFailures) ?? null,
    flags,
  };
  const { source } = here;
  const limit_ms = wholeFrom1('timeout', options.timeout) ?? null;
  const runOptions = { limit_ms, against: null, ...(source === undefined ? {} : { source }) };
  const made = await runTrials([read], how, session, runOptions);
  if (made.runs.length === 0) signal.throwIfAborted();
  return outcomeOf(made, signal.aborted);
}

async function readWhole(
  drill: DrillSource,
  flags: DrillFlags,
  session: Session,
): Promise<DrillRead> {
  const source =
    typeof drill === 'string' ? drill : { file: TEXT, bytes: new TextEncoder().encode(drill.text) };
  if (source === '-') throw new UserError('expected a drill file or { text }, got "-"');
  const { drill: read, diagnostics } = await readDrill(source, flags, session);
  if (read === null || hasErrors(diagnostics)) throw new DrillFileError(diagnostics);
  return read;
}

/** As they would stand on the command line. A system is never left running. */
function flagsOf({ set = {}, seed, out, runtime, repeat }: RunOptions): DrillFlags {
  return {
    set: Object.entries(set).map(([key, value]) => `${key}=${value}`),
    seed: seed?.toString(),
    out,
    runtime,
    repeat: repeat?.toString(),
    keep: 'never',
  };
}

function wholeFrom1(name: string, value: number | undefined): number | undefined {
  if (value === undefined || (Number.isSafeInteger(value) && value >= 1)) return value;
  throw new UserError(`${name}: expected a whole number from 1, got ${value}`);
}

function sessionOf(
  { directory = '.', environment, onEvent, onWarning }: RunOptions,
  interrupt: AbortSignal,
  here: Here,
): Session {
  let run = '';
  // Nobody is left to be told of an error of whoever is told errors.
  const warn = (text: string) => call(() => onWarning?.(text));
  const onThrown = (error: unknown) =>
    warn(`a callback threw: ${String((error as Error | undefined)?.message ?? error)}`);
  return {
    directory: resolve(here.directory, directory),
    environment: environment ?? here.environment,
    interrupt,
    kill: new AbortController().signal,
    ask: null,
    on: (event: SessionEvent) => {
      if (event.type === 'begun') run = event.place.directory;
      if (event.type === 'warning') warn(event.text);
      if (event.type !== 'event') return;
      // A copy: the caller may do with it whatever it likes.
      const told = structuredClone(written(event.event)) as JournalEvent;
      call(() => onEvent?.(told, { directory: run }), onThrown);
    },
  };
}

/**
 * Calls something of the caller's. An error of it, also one of an async function, which would end
 * the process in the middle of a drill, stops neither the drill nor its clean-up.
 */
function call(callback: () => unknown, onThrown: (error: unknown) => void = () => {}): void {
  try {
    void Promise.resolve(callback()).catch(onThrown);
  } catch (error) {
    onThrown(error);
  }
}

function outcomeOf(made: Made, isInterrupted: boolean): DrillResult {
  const { runs, series, left } = made;
  const all = runs.map(({ directory, result }) => ({ directory, result }));
  const judged = series === null ? null : (judgedOf(series)[0] ?? null);
  const codes =
    series === null ? runs.map(({ result }) => EXIT[result.verdict]) : [...codesOf(series)];
  if (left.length > 0) codes.push(EXIT.unclean);
  if (isInterrupted) codes.push(EXIT.interrupted);
  const exitCode = worstExit(codes);
  const verdict = verdictOf(exitCode);
  const worst = all.toSorted((a, b) => badness(b.result.verdict) - badness(a.result.verdict))[0]!;
  const { directory, result } = worst;
  const { gates, recovery, loss } = result;
  const name = result.drill.name;
  const summary = summaryOf({ name, verdict, directory, result, series: judged, more: left });
  const passed = verdict === 'pass';
  const judgement = { verdict, exitCode, passed, summary };
  return { ...judgement, gates, recovery, loss, directory, runs: all, series: judged };
}

function badness(verdict: Verdict): number {
  const order = ['pass', 'inconclusive', 'environment', 'unclean', 'fail', 'interrupted'] as const;
  const at = order.findIndex((each) => each === verdict);
  return at === -1 ? order.length : at;
}

function verdictOf(code: number): Verdict {
  const names = Object.keys(EXIT) as (keyof typeof EXIT)[];
  const name = names.find((each) => EXIT[each] === code);
  return name === undefined || name === 'usage' ? 'internal' : name;
}
