// The engine's own events of a run's containers: a witness that did not do the killing. It also
// notices when the engine itself goes away, which ends the run.
import type { Emit } from '../../../evidence/event.ts';
import { type Clock, within } from '../../../host/clock.ts';
import { isUnreachable, unreachable, type Engine } from './engine.ts';
import { HELPER_LABEL, NODE_LABEL, ofRun } from './labels.ts';

const PING_EVERY_MS = 1_000;
const PING_AT_MOST_MS = 8_000;
const OPEN_AT_MOST_MS = 10_000;
const SHORT = 'the kernel had killed a process of it for want of memory';
const ACTIONS = ['die', 'oom', 'pause', 'unpause', 'start'] as const;

interface WitnessOptions {
  readonly engine: Engine;
  readonly run: string;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Told of each death; whether it was expected. */
  readonly onDeath: (id: string) => boolean;
  /** The engine does not answer any more. */
  readonly onLost: (error: Error) => void;
}

/** One line of the engine's stream of events. */
interface EngineEvent {
  readonly Action: string;
  readonly timeNano: number;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
}

/** Resolves once events are followed, to what ends it: nothing is told after that. */
export async function watchEngine(options: WitnessOptions): Promise<() => void> {
  const { engine, run, clock, onLost } = options;
  const stopped = new AbortController();
  const filters = { type: ['container'], event: [...ACTIONS], ...ofRun(run) };
  const lose = (error: unknown) => {
    if (stopped.signal.aborted) return;
    stopped.abort();
    onLost(unreachable(engine, error));
  };
  // At once, so that whatever failed with it is not taken for a failure of the system.
  engine.whenGone = lose;
  const opening = engine.streaming.getEvents({ filters: JSON.stringify(filters) });
  const opened = await within(opening, OPEN_AT_MOST_MS, null);
  if (opened === null) throw unreachable(engine, new Error('no stream of events from it'));
  const stream = opened as NodeJS.ReadableStream & { destroy(): void };
  const starved = new Set<string>();
  let rest = '';
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop()!;
    for (const line of lines.filter((each) => each.trim() !== '')) {
      const event = eventIn(line);
      if (event === null) lose(new Error(`not an event in its stream of events: ${line}`));
      else if (!stopped.signal.aborted) tell(event, options, starved);
    }
  });
  stream.on('error', lose);
  stream.on('end', () => lose(new Error('its stream of events ended')));
  stream.on('close', () => lose(new Error('its stream of events ended')));
  void ping(engine, clock, stopped.signal, lose);
  return () => {
    stopped.abort();
    engine.whenGone = () => {};
    stream.destroy();
  };
}

/** Null for a line that is none. */
function eventIn(line: string): EngineEvent | null {
  try {
    const event = JSON.parse(line) as Partial<EngineEvent> | null;
    const isWhole = typeof event?.timeNano === 'number' && event.Actor?.Attributes !== undefined;
    return isWhole ? (event as EngineEvent) : null;
  } catch {
    return null;
  }
}

async function ping(
  engine: Engine,
  clock: Clock,
  signal: AbortSignal,
  onFailure: (error: unknown) => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await clock.sleep(PING_EVERY_MS, signal);
      await engine.call('ping', (docker) => docker.ping(), PING_AT_MOST_MS);
    } catch (error) {
      if (!signal.aborted && isUnreachable(error)) onFailure(error);
    }
  }
}

/** `starved`: the containers of which the kernel has killed a process for want of memory. */
function tell(
  { Action, timeNano, Actor }: EngineEvent,
  options: WitnessOptions,
  starved: Set<string>,
): void {
  const { clock, emit, onDeath } = options;
  const action = ACTIONS.find((each) => each === Action);
  const { ID: id, Attributes: attributes } = Actor;
  const node = attributes[NODE_LABEL];
  if (action === undefined || node === undefined || attributes[HELPER_LABEL] !== undefined) return;
  // The kernel kills one after the other; the first says it.
  if (action === 'oom' && starved.has(id)) return;
  const { offset_ms, error_ms } = wallOffset(clock);
  const t = timeNano / 1e6 - offset_ms;
  emit('node.witnessed', { node, action, error_ms }, t);
  if (action === 'oom') starved.add(id);
  if (action !== 'die') return;
  const why = starved.delete(id) ? `, after ${SHORT}` : '';
  const reason = `exit code ${attributes['exitCode'] ?? '?'}${why}`;
  emit('node.ended', { node, reason, expected: onDeath(id) }, t);
}

/**
 * The engine's clock is this machine's wall clock, which is read in between two looks at the run's
 * own. It counts whole milliseconds, so half of one is added.
 */
function wallOffset(clock: Clock): { readonly offset_ms: number; readonly error_ms: number } {
  const before = clock.now();
  const wall = clock.wall() + 0.5;
  const after = clock.now();
  return { offset_ms: wall - (before + after) / 2, error_ms: 0.5 + (after - before) / 2 };
}
