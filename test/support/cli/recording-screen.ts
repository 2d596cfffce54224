// A screen that remembers what was written, and a context for verbs around it.
import type { CliContext } from '../../../src/cli/verb.ts';
import type { LiveArea, Output, Screen } from '../../../src/screen/screen.ts';

export interface RecordingOutput extends Output {
  text(): string;
}

export interface OutputFacts {
  readonly columns?: number;
  readonly rows?: number;
  readonly hasColour?: boolean;
  /** Called for each frame of a live area; without it there is none. */
  readonly onFrame?: (frame: string) => void;
}

export function recordingOutput(facts: OutputFacts = {}): RecordingOutput {
  const written: string[] = [];
  const { onFrame } = facts;
  const openArea = (): LiveArea => ({
    draw: (text) => onFrame?.(text),
    close: () => {},
  });
  return {
    write: (text) => written.push(text),
    isTerminal: onFrame !== undefined,
    hasColour: facts.hasColour ?? false,
    columns: () => facts.columns ?? 80,
    rows: () => facts.rows ?? 24,
    text: () => written.join(''),
    ...(onFrame === undefined ? {} : { openArea }),
  };
}

export interface RecordingScreen extends Screen {
  readonly stdout: RecordingOutput;
  readonly stderr: RecordingOutput;
}

export function recordingScreen(facts: OutputFacts = {}): RecordingScreen {
  return { stdout: recordingOutput(facts), stderr: recordingOutput(facts) };
}

export function contextIn(directory: string, screen: Screen): CliContext {
  return {
    screen,
    directory,
    environment: {},
    interrupt: new AbortController().signal,
    kill: new AbortController().signal,
    ask: null,
  };
}
