// The edge of the process: words, environment, signals, streams in; an exit code out. A drill that
// is stopped heals and cleans up first, so the first signal only asks; the second one insists.
import process from 'node:process';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { runCli } from './cli/cli.ts';
import { colourChoice } from './cli/command-line.ts';
import { EXIT } from './verdict/exit-code.ts';
import { Interruption } from './engine/frame/context.ts';
import type { CliContext } from './cli/verb.ts';
import { problemLines } from './cli/tell.ts';
import { makePaint } from './screen/paint.ts';
import { machineError, NEEDED } from './host/machine/machine-error.ts';
import { forgetForeign } from './host/process/environment.ts';
import { processScreen, type ColourChoice } from './screen/process-screen.ts';
import type { Output } from './screen/screen.ts';
import { UserError } from './screen/user-error.ts';

const PARENT_POLL_MS = 1000;
/** How long a verb may take to end once it was told to stop waiting, and after a bug. */
const KILL_GRACE_MS = 5000;
const AGAIN = 'Press Ctrl-C again to stop at once: things can be left behind then.';
const BUG_GRACE_MS = 60_000;

/** What Node lets a terminal do, and does not document. */
type Writing = NodeJS.WriteStream & {
  readonly _handle?: { setBlocking?(isBlocking: boolean): void };
};

const SHOW_CURSOR = '\u001b[?25h';

const SIGNALS = {
  SIGINT: 'Ctrl-C (SIGINT)',
  SIGTERM: 'SIGTERM',
  SIGHUP: 'SIGHUP (its terminal was closed)',
  SIGQUIT: 'Ctrl-\\ (SIGQUIT)',
} as const;

await main();

async function main(): Promise<void> {
  const unwritten = watchStreams();
  const environment = { ...process.env };
  forgetForeign(process.env);
  const argv = process.argv.slice(2);
  const colour = readColour(argv);
  const screen = processScreen(process, colour ?? 'auto');
  if (screen.stderr.openArea !== undefined) {
    process.on('exit', () => process.stderr.write(SHOW_CURSOR));
  }
  const stops = listenForStops(screen.stderr, isUnderNohup(environment));
  let bug: unknown = null;
  let code: number = EXIT.internal;
  const onBug = (error: unknown) => {
    if (bug !== null) return;
    bug = error;
    const lack = machineError(error, NEEDED);
    const { stderr } = screen;
    stderr.write(
      lack === null
        ? bugText(error)
        : problemLines(lack.problem, makePaint(stderr.hasColour), environment),
    );
    code = process.exitCode = lack === null ? EXIT.internal : EXIT.environment;
    stops.interrupt.abort(lack ?? new Interruption('bug', 'a bug in drill', { cause: error }));
    setTimeout(() => process.exit(code), BUG_GRACE_MS).unref();
  };
  process.on('uncaughtException', onBug);
  process.on('unhandledRejection', onBug);
  try {
    const context: CliContext = {
      screen,
      directory: currentFolder(),
      environment,
      interrupt: stops.interrupt.signal,
      kill: stops.kill.signal,
      onRun: stops.onRun,
      onReload: stops.onReload,
      ask: process.stdin.isTTY ? askForEnter(screen.stderr) : null,
    };
    const ended = await runCli(argv, context);
    if (bug === null) code = ended;
  } catch (error) {
    if (error instanceof UserError) {
      screen.stderr.write(`drill: ${error.message}\n`);
      code = error.exitCode;
    } else onBug(error);
  }
  stops.endAtOnce();
  await leave(code, unwritten);
}

/**
 * A reader that went away (`| head`) is no reason to die or to complain: a run still has to heal
 * and clean up. Anything else that kept the output from being written is returned. Nor may a
 * terminal that takes nothing (Ctrl-S, a connection that hangs) keep a run from going on.
 */
function watchStreams(): () => Error | null {
  let first: NodeJS.ErrnoException | null = null;
  for (const stream of [process.stdout, process.stderr] as Writing[]) {
    if (stream.isTTY) stream._handle?.setBlocking?.(false);
  }
  process.stdout.on('error', (error) => (first ??= error));
  process.stderr.on('error', () => {});
  return () => (first?.code === 'EPIPE' ? null : first);
}

function currentFolder(): string {
  try {
    return process.cwd();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new UserError('the current folder is gone', { exitCode: EXIT.environment });
  }
}

/** Null where the flag is wrong, which `runCli` will find again with a screen to say it on. */
function readColour(argv: readonly string[]): ColourChoice | null {
  try {
    return colourChoice(argv);
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

/**
 * Aborts `interrupt` at the first signal or when the parent is gone, `kill` at the second signal.
 * After `endAtOnce` there is nothing left to do but to write: then any of them ends the process.
 */
function listenForStops(output: Output, mayOutlive: boolean) {
  const interrupt = new AbortController();
  const kill = new AbortController();
  let leftBehind: (() => string) | null = null; // null: there is nothing to heal
  let reload: (() => void) | null = null;
  let isOver = false;
  const insist = () => {
    if (leftBehind !== null) output.write(`\n${leftBehind()}`);
    process.exit(EXIT.interrupted);
  };
  const stop = (by: string) => {
    if (isOver) process.exit(EXIT.interrupted);
    else if (!interrupt.signal.aborted) {
      const healing = `Healing and cleaning up, please wait. ${AGAIN}`;
      output.write(`\ndrill: ${by}. ${leftBehind === null ? 'Ending.' : healing}\n`);
      interrupt.abort(new Error(by));
    } else if (!kill.signal.aborted) {
      kill.abort(new Error(by));
      setTimeout(insist, KILL_GRACE_MS).unref();
    } else insist();
  };
  process.on('SIGINT', () => stop(SIGNALS.SIGINT));
  process.on('SIGTERM', () => stop(SIGNALS.SIGTERM));
  process.on('SIGQUIT', () => stop(SIGNALS.SIGQUIT));
  if (mayOutlive) process.on('SIGHUP', () => reload?.());
  else {
    process.on('SIGHUP', () => (reload === null ? stop(SIGNALS.SIGHUP) : reload()));
    // npx and sh do not pass SIGTERM on: they die of it, and drill only sees that its parent is
    // another one.
    const parent = process.ppid;
    setInterval(() => {
      if (process.ppid !== parent && (isOver || !interrupt.signal.aborted))
        stop('the end of its parent process');
    }, PARENT_POLL_MS).unref();
  }
  const onRun = (text: (() => string) | null) => void (leftBehind = text);
  const onReload = (wanted: (() => void) | null) => void (reload = wanted);
  return { interrupt, kill, onRun, onReload, endAtOnce: () => void (isOver = true) };
}

/**
 * Under `nohup` a run is meant to outlive its terminal and its parent. Node forgets at its start
 * what was ignored, so that only the shell's word for the command tells.
 */
function isUnderNohup({ _: command = '' }: NodeJS.ProcessEnv): boolean {
  return basename(command) === 'nohup';
}

function askForEnter(output: Output): NonNullable<CliContext['ask']> {
  const { stdin } = process;
  return (question, signal) =>
    new Promise((resolve, reject) => {
      const end = (then: () => void) => {
        stdin.off('data', onData);
        stdin.off('end', onEnd);
        signal.removeEventListener('abort', onAbort);
        stdin.pause();
        then();
      };
      const onData = () => end(resolve);
      const onEnd = () => end(() => reject(new Error('stdin was closed before Enter was pressed')));
      const onAbort = () => end(() => reject(signal.reason as Error));
      if (signal.aborted) {
        reject(signal.reason as Error);
        return;
      }
      output.write(`${question}\n`);
      signal.addEventListener('abort', onAbort, { once: true });
      stdin.on('data', onData);
      stdin.on('end', onEnd);
    });
}

function bugText(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const latest = join('.drill', 'runs', 'latest');
  const evidence = existsSync(latest) ? `, with the folder ${latest} if it is about a run` : '';
  return (
    `\ndrill: internal error. This is a bug in drill, not in your system.\n` +
    `Please report it with the lines below${evidence}.\n\n${stack}\n\n`
  );
}

/**
 * Exits when both streams are written out, so that no output is cut off, however late its reader
 * comes, and whatever else is still open. Output that was lost is no success.
 */
async function leave(code: number, unwritten: () => Error | null): Promise<void> {
  process.exitCode = code;
  const written = [process.stdout, process.stderr].map(
    (stream) => new Promise<void>((resolve) => stream.write('', () => resolve())),
  );
  await Promise.all(written);
  const lost = unwritten();
  if (lost === null) process.exit(code);
  process.stderr.write(`drill: the output could not be written: ${lost.message}\n`);
  process.exit(code === EXIT.pass ? EXIT.environment : code);
}
