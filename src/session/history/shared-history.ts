// The history of this folder with what other machines have told of theirs: in one list, but nothing
// of another machine is taken for what was seen here.
import { dataOf, type History, type PastRun } from '../../archive/history/history.ts';
import { SHORT, SharedHistoryError, withHistory } from '../../archive/shared/connect.ts';
import { markOfShared, readShared, type SharedHistory } from '../../archive/shared/read.ts';
import type { DatabaseAddress } from '../../drill/database-address.ts';
import { hostNow } from '../../host/clock.ts';

/** A run that is known here is what it is here. */
export function withOthers(local: History, shared: SharedHistory | null): History {
  if (shared === null) return local;
  const known = new Set(local.runs.map(({ id }) => id));
  const facts = new Map([...shared.facts, ...local.facts]);
  const others = shared.runs.flatMap(({ entry, machine, who }): PastRun[] => {
    if (known.has(entry.id)) return [];
    known.add(entry.id);
    const verdict = entry.series === null ? null : (shared.verdicts.get(entry.id) ?? null);
    const data = dataOf(shared.facts.get(entry.facts));
    return [{ ...entry, standing: 'elsewhere', data, told: { machine, who, verdict } }];
  });
  const runs = [...local.runs, ...others].toSorted((one, other) => (one.id < other.id ? -1 : 1));
  return { ...local, runs, facts };
}

/** After a while the database is asked again, beside: nobody waits for it. */
const STALE_MS = 15_000;
const NAMED = 5;

/** A shared history as it was when it last answered. */
export class SharedView {
  readonly #address: DatabaseAddress | null;
  #shared: SharedHistory | null = null;
  #mark: string | null = null;
  #problem: string | null = null;
  #version = 0;
  #asked_ms = -Infinity;
  #asking: Promise<void> | null = null;

  constructor(address: DatabaseAddress | null) {
    this.#address = address;
  }

  /** Null where it has never answered, or there is none. */
  get shared(): SharedHistory | null {
    return this.#shared;
  }

  /** Changes with what there is to show. */
  get version(): number {
    return this.#version;
  }

  /** What there is to know beside, in sentences. */
  get problems(): readonly string[] {
    if (this.#address === null) return [];
    const { shown } = this.#address;
    const damaged = this.#shared?.damaged ?? [];
    const more = damaged.length - NAMED;
    const seen = this.#shared === null ? 'only the files here' : 'what it had told before';
    return [
      ...(this.#problem === null ? [] : [`${this.#problem}; this is ${seen}`]),
      ...damaged.slice(0, NAMED).map((each) => `left out: ${each}`),
      ...(more > 0 ? [`left out: ${more} more`] : []),
    ].map((text) => `shared history ${shown}: ${text}`);
  }

  /** Never rejects. */
  async ask(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => (this.#asking = null));
    await this.#asking;
  }

  /** Asks beside, where the last answer is old. */
  askSometimes(): void {
    if (hostNow() - this.#asked_ms > STALE_MS) void this.ask();
  }

  async #ask(): Promise<void> {
    const address = this.#address;
    if (address === null) return;
    let problem: string | null = null;
    try {
      await withHistory(address, SHORT, async (client) => {
        const mark = await markOfShared(client);
        if (mark === this.#mark) return;
        this.#shared = await readShared(client);
        this.#mark = mark;
        this.#version++;
      });
    } catch (error) {
      problem = error instanceof SharedHistoryError ? error.message : String(error);
    }
    if (problem !== this.#problem) this.#version++;
    this.#problem = problem;
    this.#asked_ms = hostNow();
  }
}
