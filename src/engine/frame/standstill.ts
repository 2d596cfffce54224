// Asks the programs of a run again and again whether they get to run, and the proxy server too: one
// that stood still delays what is measured, and nobody else would tell.
import { LOOK_EVERY_MS, STALLED_MS, StallWatch, type Stall } from '../../host/stalls.ts';
import type { AskedProgram } from '../../topology/system/asked-program.ts';
import type { RunContext } from './context.ts';

type Surroundings = Pick<RunContext, 'clock' | 'emit' | 'origin_ms'>;

/** A program that keeps its stalls tells them all the same, however seldom it is asked. */
const KEEPS_EVERY_MS = 500;
const KEEPS_NONE_EVERY_MS = 2 * LOOK_EVERY_MS;
/** The last answers are waited for so long. */
const LAST_MS = STALLED_MS + LOOK_EVERY_MS;

export interface StandstillWatch {
  /** Asks once more, and tells of those that are silent. */
  end(): Promise<void>;
}

/** `programs` are those that there are at the time of the call; the run's own clients are some. */
export function watchPrograms(
  run: Surroundings,
  programs: () => readonly AskedProgram[],
): StandstillWatch {
  const { clock } = run;
  const ending = new AbortController();
  const ended = new AbortController();
  const runner = new StallWatch(() => clock.now());
  const known = new Map<string, Asked>();
  const askAll = (isLast: boolean) => {
    for (const program of programs()) {
      const asked = known.get(program.name) ?? new Asked(run, program.name, runner);
      known.set(program.name, asked);
      asked.ask(program, isLast, ended.signal);
    }
  };
  const watching = (async () => {
    while (!ending.signal.aborted) {
      runner.look();
      askAll(false);
      await clock.sleep(LOOK_EVERY_MS, ending.signal).catch(() => {});
    }
  })();
  return {
    end: async () => {
      ending.abort();
      await watching;
      askAll(true);
      const answers = Promise.all([...known.values()].map(({ answered }) => answered));
      const gone = new AbortController();
      const late = clock.sleep(LAST_MS, gone.signal).catch(() => {});
      await Promise.race([answers, late]);
      gone.abort();
      for (const asked of known.values()) asked.tellSilence();
      ended.abort();
    },
  };
}

/** One program, whatever process it is by now. */
class Asked {
  readonly #run: Surroundings;
  readonly #name: string;
  readonly #runner: StallWatch;
  #every_ms = KEEPS_NONE_EVERY_MS;
  #next_ms = -Infinity;
  /** The question that is not answered yet. */
  #open: { readonly program: AskedProgram; readonly since_ms: number } | null = null;
  /** The stalls up to here are told. */
  #told_ms: number;
  answered: Promise<void> = Promise.resolve();

  constructor(run: Surroundings, name: string, runner: StallWatch) {
    this.#run = run;
    this.#name = name;
    this.#runner = runner;
    this.#told_ms = run.clock.now();
  }

  /** Nothing happens while an answer is waited for, or, unless `isNow`, before it is time. */
  ask(program: AskedProgram, isNow: boolean, signal: AbortSignal): void {
    const since_ms = this.#run.clock.now();
    if (this.#open !== null || (!isNow && since_ms < this.#next_ms)) return;
    const open = { program, since_ms };
    this.#open = open;
    this.answered = program
      .ask(signal)
      .then(
        (stalls) => {
          if (signal.aborted) return;
          if (stalls === null) this.#tellGap(since_ms);
          else this.#tellOwn(stalls);
        },
        // That it is gone others tell; not that it stood still until then.
        () => {
          if (!signal.aborted && program.isDirect) this.#tellGap(since_ms);
        },
      )
      .then(() => {
        this.#open = null;
        this.#next_ms = this.#run.clock.now() + this.#every_ms;
      });
  }

  /** Of a program that did not wake: since it was asked. */
  tellSilence(): void {
    if (this.#open === null || !this.#open.program.isDirect) return;
    const { since_ms } = this.#open;
    const ms = this.#lasted(since_ms);
    if (ms > STALLED_MS) this.#tell({ from_ms: since_ms, ms }, { silent: true });
  }

  #tellOwn(stalls: readonly Stall[]): void {
    this.#every_ms = KEEPS_EVERY_MS;
    for (const { from_ms, ms } of stalls) {
      const stall = { from_ms: from_ms - this.#run.origin_ms, ms };
      if (stall.from_ms + ms > this.#told_ms) this.#tell(stall);
    }
  }

  #tellGap(since_ms: number): void {
    this.#every_ms = KEEPS_NONE_EVERY_MS;
    const ms = this.#lasted(since_ms);
    if (ms > STALLED_MS) this.#tell({ from_ms: since_ms, ms });
  }

  /** Without what of it the runner stood still itself, and could not have read an answer. */
  #lasted(since_ms: number): number {
    const now_ms = this.#run.clock.now();
    const own = this.#runner.look().map(({ from_ms, ms }) => {
      return Math.max(0, Math.min(from_ms + ms, now_ms) - Math.max(from_ms, since_ms));
    });
    return own.reduce((left, ms) => left - ms, now_ms - since_ms);
  }

  #tell({ from_ms, ms }: Stall, silent: { readonly silent?: true } = {}): void {
    const to_ms = from_ms + ms;
    this.#told_ms = to_ms;
    this.#run.emit('program.stalled', { program: this.#name, ms, ...silent }, to_ms);
  }
}
