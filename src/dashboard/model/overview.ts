// What the first page shows of the past: each drill with what stands of it, and runs that are not
// over. Made again when a file says that something changed; ten thousand runs are not read for each
// page.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as afterAnswers } from 'node:timers/promises';
import { HISTORY_FILE, type History } from '../../archive/history/history.ts';
import { isRegions } from '../../archive/run-directory.ts';
import { placeIds, stateOf, type RunState } from '../../archive/run-list.ts';
import { hostClock, hostNow } from '../../host/clock.ts';
import { drillFiles } from '../../session/find-drill.ts';
import { drillHistories, type DrillHistory } from '../../session/history/overview.ts';
import { historyOf } from '../../session/history/past-runs.ts';
import { SharedView, withOthers } from '../../session/history/shared-history.ts';
import { statusOf, type DrillStatus } from '../../session/history/status.ts';
import { readDrill, type DrillRead } from '../../session/read.ts';
import { seriesFolder } from '../../session/series-files.ts';
import type { Surroundings } from '../../session/session.ts';
import { markOf } from './mark.ts';

export interface Place extends Pick<Surroundings, 'directory' | 'environment'> {
  /** The folder of runs. */
  readonly runs: string;
}

/** A drill on one runtime, of one strategy and size. */
export interface DrillSeen {
  readonly history: DrillHistory;
  readonly status: DrillStatus;
}

export interface Overview {
  readonly history: History;
  readonly drills: readonly DrillSeen[];
  /** Of all runs, newest first. */
  readonly ids: readonly string[];
  /** Regions that runs of a series share. */
  readonly regions: readonly string[];
  /** What is wrong here, in sentences. */
  readonly problems: readonly string[];
}

export interface OpenRun {
  readonly id: string;
  /** `finished`: it has no result that can be read. */
  readonly state: RunState;
}

/** What took longer than this to make is shown as it was, while it is made again. */
const QUICK_MS = 50;
/** A result that somebody changed tells it by no other file, and passes grow old. */
const STALE_MS = 60_000;

export class OverviewOnDisk {
  readonly #place: Place;
  readonly #shared: SharedView;
  readonly #over = new Set<string>();
  #made: { readonly overview: Overview; readonly key: string; readonly at_ms: number } | null =
    null;
  #making: Promise<Overview> | null = null;
  #took_ms = 0;

  /** `shared`: what other machines tell, as far as it has been asked. */
  constructor(place: Place, shared = new SharedView(null)) {
    this.#place = place;
    this.#shared = shared;
  }

  async current(): Promise<Overview> {
    this.#shared.askSometimes();
    const made = this.#made;
    if (made !== null && !this.#isDue(made)) return made.overview;
    const making = this.#again();
    if (made === null || this.#took_ms <= QUICK_MS) return await making;
    making.catch(() => {}); // whoever waits for the next one is told
    return made.overview;
  }

  /** For whoever asks seldom, and must not be told what was. */
  async newest(): Promise<Overview> {
    this.#shared.askSometimes();
    const made = this.#made;
    return made !== null && !this.#isDue(made) ? made.overview : await this.#again();
  }

  #again(): Promise<Overview> {
    this.#making ??= this.#make().finally(() => (this.#making = null));
    return this.#making;
  }

  /** Runs that no line of the history knows, as they are at this moment; newest first. */
  open({ ids, regions, history }: Overview): OpenRun[] {
    const known = new Set(history.runs.map(({ id }) => id));
    // Of regions only what is left of them is anybody's business.
    const left = regions.flatMap((id): OpenRun[] => {
      const state = stateOf(join(this.#place.runs, id));
      return state === 'stopped' ? [{ id, state }] : [];
    });
    const own = ids.flatMap((id) => {
      if (known.has(id)) return [];
      const state = this.#over.has(id) ? 'finished' : stateOf(join(this.#place.runs, id));
      if (state === 'finished') this.#over.add(id);
      return [{ id, state }];
    });
    return [...own, ...left];
  }

  #isDue({ key, at_ms }: { readonly key: string; readonly at_ms: number }): boolean {
    return key !== this.#keyNow() || hostNow() - at_ms > STALE_MS;
  }

  async #make(): Promise<Overview> {
    // Whoever asked has its answer first.
    await afterAnswers();
    const began_ms = hostNow();
    const { runs } = this.#place;
    const files = await this.#drills();
    let key = this.#keyNow();
    let history = historyOf(runs);
    if (key !== this.#keyNow()) {
      // It has just written down what the file lacked: that is no news.
      key = this.#keyNow();
      history = historyOf(runs);
    }
    history = withOthers(history, this.#shared.shared);
    const drills = drillHistories(runs, history).map((drill): DrillSeen => {
      const own = { ...history, runs: drill.executions.flatMap((each) => each.runs) };
      const known = { runs, history: own, now_ms: hostClock().wall() };
      // What is held to an age here is what is known here.
      const read = drill.machine === null ? (files.get(drill.name) ?? null) : null;
      const status = statusOf(drill.name, read, null, known, this.#place);
      return { history: drill, status };
    });
    const damage = history.damaged.map(damageWords);
    const problems = [...folderProblems(runs), ...damage, ...this.#shared.problems];
    const overview = { history, drills, ...placesIn(runs), problems };
    this.#made = { overview, key, at_ms: hostNow() };
    this.#took_ms = hostNow() - began_ms;
    return overview;
  }

  /** Those of ./drills, by name; one with errors is for `drill check` to tell. */
  async #drills(): Promise<ReadonlyMap<string, DrillRead>> {
    const read = new Map<string, DrillRead>();
    for (const file of drillFiles(join(this.#place.directory, 'drills'))) {
      const { drill } = await readDrill(file, {}, this.#place);
      if (drill !== null) read.set(drill.plan.name, drill);
    }
    return read;
  }

  #keyNow(): string {
    const { runs, directory } = this.#place;
    const drills = drillFiles(join(directory, 'drills'));
    const files = [join(runs, HISTORY_FILE), runs, seriesFolder(runs), ...drills];
    return [...files.map(markOf), this.#shared.version].join(' ');
  }
}

function placesIn(runs: string) {
  const all = placeIds(runs);
  return { ids: all.filter((id) => !isRegions(id)), regions: all.filter(isRegions) };
}

function damageWords(text: string): string {
  return `${HISTORY_FILE}, ${text}: that counts for nothing`;
}

function folderProblems(runs: string): string[] {
  try {
    const facts = statSync(runs, { throwIfNoEntry: false });
    if (facts === undefined) return [];
    return facts.isDirectory() ? [] : [`${runs} is no folder`];
  } catch (error) {
    return [`${runs} cannot be read: ${(error as Error).message}`];
  }
}
