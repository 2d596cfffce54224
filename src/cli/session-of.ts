// A session for a verb: its warnings go to stderr, its runs to a reporter, and what a run would
// leave behind is known to whoever ends the process by force.
import { relative } from 'node:path';
import { describe } from '../engine/frame/scope.ts';
import { runFile } from '../evidence/run-files.ts';
import { isEffect, readUndoLog } from '../evidence/undo.ts';
import type { Reporter } from '../report/reporter.ts';
import { asCalled, commandName } from '../screen/command-name.ts';
import { shellWord } from '../screen/text.ts';
import type { Session, SessionEvent } from '../session/session.ts';
import type { CliContext } from './verb.ts';

/** `onTrial` is told which of several drills comes next. */
export function sessionOf(
  context: CliContext,
  reporter: Reporter,
  onTrial: (trial: Extract<SessionEvent, { type: 'trial' }>) => void = () => {},
): Session {
  const { directory, environment, interrupt, kill, ask, screen, onRun } = context;
  let isRepeated = false;
  return {
    directory,
    environment,
    interrupt,
    kill,
    ask,
    on: (event) => {
      switch (event.type) {
        case 'trial':
          ({ isRepeated } = event);
          onTrial(event);
          break;
        case 'begun':
          reporter.onPlan?.(event.plan, isRepeated, event.source);
          onRun?.(() => leftBehindText(event.place, context));
          break;
        case 'event':
          reporter.onEvent?.(event.event);
          break;
        case 'ended':
          onRun?.(null);
          if (event.result !== null) reporter.onResult?.(event.result, event.place.directory);
          break;
        case 'series':
          reporter.onSeries?.(event.results);
          break;
        case 'warning':
          screen.stderr.write(`drill: warning: ${asCalled(event.text, environment)}\n`);
          break;
      }
    },
  };
}

type Place = Pick<CliContext, 'directory' | 'environment'>;

/** The run is named by its path where the id alone would not be found. */
export function cleanCommand(
  run: { readonly id: string; readonly directory: string },
  { directory, environment }: Place,
): string {
  const isUsual = relative(directory, run.directory) === `.drill/runs/${run.id}`;
  return `${commandName(environment)} clean ${isUsual ? run.id : shellWord(run.directory)}`;
}

/** Never throws: it is the last thing that a process says. */
export function leftBehindText(
  run: { readonly id: string; readonly directory: string },
  { directory, environment }: Place,
): string {
  const clean = `  ${cleanCommand(run, { directory, environment })}\n`;
  try {
    const { entries } = readUndoLog(runFile(run.directory, 'undo'));
    if (entries.at(-1)?.undo === 'done') return 'drill: stopped; nothing was left behind\n';
    const left = entries.filter(isEffect).map((effect) => `  ${describe(effect)}\n`);
    const what = left.length === 0 ? '' : ` These may be left:\n${left.join('')}Clean up with:\n`;
    return `drill: stopped before the clean-up was done.${what || ' Clean up with:\n'}${clean}`;
  } catch {
    return `drill: stopped before the clean-up was done. Clean up with:\n${clean}`;
  }
}
