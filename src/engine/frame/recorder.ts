// Writes events to the journal as they happen and passes them on to whoever watches. A journal that
// cannot be written any more ends the run, and must not keep it from cleaning up.
import type { Emit, RunEvent } from '../../evidence/event.ts';
import { createJournal } from '../../evidence/journal.ts';
import { runFile } from '../../evidence/run-files.ts';
import { createUndoLog } from '../../evidence/undo.ts';
import type { Clock } from '../../host/clock.ts';
import { machineError } from '../../host/machine/machine-error.ts';
import type { UndoLog } from './scope.ts';
import type { RunPlace } from '../../topology/system/system.ts';

export interface Recorder {
  /** Never throws. */
  readonly emit: Emit;
  readonly undoLog: UndoLog;
  /** Aborts with the reason when the journal cannot be written. */
  readonly broken: AbortSignal;
  /** Events that the journal does not hold. */
  readonly unwritten: readonly RunEvent[];
  /** Nothing is recorded any more: late words of processes that are being stopped. */
  stop(): void;
  /** Ends the journal, with a last word where there is one. */
  close(result_sha256: string | null): void;
}

/** The journal is written first: what a watcher does with an event cannot lose it. */
export function openRecorder(
  place: RunPlace,
  clock: Clock,
  onEvent: (event: RunEvent) => void,
): Recorder {
  const journal = createJournal(runFile(place.directory, 'journal'));
  const undoLog = createUndoLog(runFile(place.directory, 'undo'));
  const broken = new AbortController();
  const unwritten: RunEvent[] = [];
  let isOpen = true;
  const write = (event: RunEvent) => {
    if (broken.signal.aborted) return void unwritten.push(event);
    try {
      journal.append(event);
    } catch (error) {
      unwritten.push(event);
      broken.abort(machineError(error, 'writing the journal') ?? error);
    }
  };
  const emit: Emit = (name, body, t = clock.now()) => {
    if (!isOpen) return;
    const event = Object.assign({ t, event: name }, body) as RunEvent;
    write(event);
    onEvent(event);
  };
  const stop = () => void (isOpen = false);
  const close = (result_sha256: string | null) => {
    stop();
    if (result_sha256 !== null) {
      write({ t: clock.now(), event: 'result.written', sha256: result_sha256 });
    }
    journal.close();
    undoLog.close();
  };
  return { emit, undoLog, broken: broken.signal, unwritten, stop, close };
}
