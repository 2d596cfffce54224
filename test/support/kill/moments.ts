// When a runner is killed: at any time of its run, or right after something that it wrote.
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import type { Phase, RunEvent } from '../../../src/evidence/event.ts';
import { runFile } from '../../../src/evidence/run-files.ts';
import type { Draw } from './draw.ts';

export type Moment =
  /** So long after its run began. */
  | { readonly kind: 'time'; readonly after_ms: number }
  /** As soon as so many entries stand in its undo log. */
  | { readonly kind: 'undo'; readonly entries: number }
  /** So long after the phase began. */
  | { readonly kind: 'phase'; readonly phase: Phase; readonly after_ms: number };

export const PHASES: readonly Phase[] = ['up', 'warm-up', 'fault', 'fault', 'heal', 'down', 'down'];
export const OF_DISASTERS: readonly Phase[] = [...PHASES, 'recover', 'verify', 'failback'];
const LOOK_EVERY_MS = 2;
const PHASE_AT_MOST_MS = 600;

/** `length_ms`: about as long as the run takes. */
export function drawMoment(draw: Draw, length_ms: number, hasDisaster: boolean): Moment {
  const kind = draw.pick(['time', 'time', 'undo', 'phase'] as const);
  if (kind === 'time') return { kind, after_ms: draw.share() * length_ms };
  if (kind === 'undo') return { kind, entries: draw.whole(1, 24) };
  const phase = draw.pick(hasDisaster ? OF_DISASTERS : PHASES);
  return { kind, phase, after_ms: draw.chance(0.3) ? 0 : draw.share() * PHASE_AT_MOST_MS };
}

export interface Watched {
  /** Where the run is, once it has begun. */
  readonly runOf: () => string | undefined;
  readonly hasEnded: () => boolean;
  /** A moment that does not come is that time. */
  readonly atMost_ms: number;
}

/** Resolves at the moment, or when the run has ended. */
export async function untilMoment(
  moment: Moment,
  { runOf, hasEnded, atMost_ms }: Watched,
): Promise<void> {
  const until = performance.now() + atMost_ms;
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const isThere = conditionOf(moment);
  for (let run = runOf(); !hasEnded() && performance.now() < until; run = runOf()) {
    if (run !== undefined && isThere(run)) break;
    await wait(LOOK_EVERY_MS);
  }
  if (moment.kind !== 'undo') await wait(moment.after_ms);
}

function conditionOf(moment: Moment): (run: string) => boolean {
  if (moment.kind === 'time') return () => true;
  return moment.kind === 'undo' ? entriesIn(moment.entries) : began(moment.phase);
}

function entriesIn(entries: number): (run: string) => boolean {
  return grows('undo', (text) => text.split('\n').length > entries);
}

function began(phase: Phase): (run: string) => boolean {
  return grows('journal', (text) => phasesIn(text).includes(phase));
}

/** Reads what is new in the file alone. */
function grows(
  name: 'undo' | 'journal',
  isEnough: (text: string) => boolean,
): (run: string) => boolean {
  let text = '';
  let size = 0;
  return (run) => {
    const file = runFile(run, name);
    const now = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (now < size) throw new Error(`${file} has ${now} bytes, and had ${size}`);
    if (now === size) return false;
    const bytes = Buffer.alloc(now - size);
    const opened = openSync(file, 'r');
    readSync(opened, bytes, 0, bytes.length, size);
    closeSync(opened);
    size = now;
    text += bytes.toString();
    return isEnough(text);
  };
}

/** What the run was at. */
export function phaseOf(run: string | undefined): string {
  if (run === undefined) return 'before it began';
  const file = runFile(run, 'journal');
  const phases = existsSync(file) ? phasesIn(readFileSync(file, 'utf8')) : [];
  return phases.at(-1) ?? 'the beginning';
}

/** Those that began, in their order; a line that is not whole is none. */
function phasesIn(text: string): string[] {
  const lines = text.split('\n').slice(0, -1);
  return lines
    .filter((line) => line.includes('"phase.started"'))
    .map((line) => (JSON.parse(line) as RunEvent & { readonly phase: string }).phase);
}
