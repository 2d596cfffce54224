// Runs that go on, each read once however many watch it: its journal is followed from its first
// line by one reader.
import { join } from 'node:path';
import { stateOf } from '../../archive/run-list.ts';
import {
  followJournal,
  RESULT_AT_MOST_MS,
  type JournalFollower,
} from '../../evidence/follow-journal.ts';
import { EvidenceError } from '../../evidence/evidence-error.ts';
import { readPlan, runFile } from '../../evidence/run-files.ts';
import { hostNow } from '../../host/clock.ts';
import { isThere } from '../../host/files.ts';
import { Course } from './course.ts';

/** Nobody has asked for it for so long. */
const IDLE_MS = 60_000;

export class LiveRun {
  readonly id: string;
  readonly course: Course;
  readonly #place: string;
  readonly #journal: JournalFollower;
  #wanted_ms = hostNow();
  #going_ms = hostNow();

  /** Throws an `EvidenceError` where its plan or its journal cannot be read. */
  constructor(runs: string, id: string) {
    this.id = id;
    this.#place = join(runs, id);
    this.course = new Course(readPlan(this.#place));
    this.#journal = followJournal(runFile(this.#place, 'journal'));
  }

  /** Reads what came since; whether anything did. */
  look(): boolean {
    this.#wanted_ms = hostNow();
    const events = this.#journal.look();
    for (const event of events) this.course.add(event);
    return events.length > 0;
  }

  /** Milliseconds since its origin. */
  get t(): number {
    const { origin_ms } = this.course.progress;
    return origin_ms === null ? 0 : hostNow() - origin_ms;
  }

  get isOver(): boolean {
    if (stateOf(this.#place) === 'running') {
      this.#going_ms = hostNow();
      return false;
    }
    const hasResult = isThere(runFile(this.#place, 'result'));
    return hasResult || hostNow() - this.#going_ms > RESULT_AT_MOST_MS;
  }

  get isIdle(): boolean {
    return hostNow() - this.#wanted_ms > IDLE_MS;
  }

  close(): void {
    this.#journal.close();
  }
}

export class LiveRuns {
  readonly #runs: string;
  readonly #live = new Map<string, LiveRun>();

  constructor(runs: string) {
    this.#runs = runs;
  }

  /** Whether nothing more comes of it. */
  isOver(id: string): boolean {
    const live = this.#live.get(id);
    return live === undefined ? stateOf(join(this.#runs, id)) !== 'running' : live.isOver;
  }

  /** As far as it is now; null where its files tell nothing yet. */
  get(id: string): LiveRun | null {
    for (const [name, each] of this.#live) if (each.isIdle || each.isOver) this.#drop(name);
    try {
      const live = this.#live.get(id) ?? new LiveRun(this.#runs, id);
      this.#live.set(id, live);
      live.look();
      return live;
    } catch (error) {
      if (!(error instanceof EvidenceError)) throw error;
      this.#drop(id);
      return null;
    }
  }

  #drop(id: string): void {
    this.#live.get(id)?.close();
    this.#live.delete(id);
  }

  close(): void {
    for (const id of [...this.#live.keys()]) this.#drop(id);
  }
}
