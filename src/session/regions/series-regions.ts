// Whose regions the trials of a series have: those of the trial before, made as new in the same
// place, where it is proved that this changes no number; else regions of their own.
import { removeTree } from '../../host/files.ts';
import { runsDirectory } from '../../archive/run-directory.ts';
import { isOwnPlan } from '../../drill/own-plan.ts';
import { runtimeNamed } from '../../drill/file/runtimes.ts';
import { storesOf, type Plan } from '../../drill/plan/plan.ts';
import { systemDifferences } from '../../drill/plan/system-differences.ts';
import { openPlace, type OpenPlace } from '../../engine/place.ts';
import type { RunEvent } from '../../evidence/event.ts';
import { faults } from '../../fault/registry.ts';
import { reasonOf } from '../../host/operation-failed.ts';
import { markedEnvironment } from '../../host/process/environment.ts';
import { recoveries } from '../../recovery/registry.ts';
import { runtimes } from '../../topology/runtimes.ts';
import type { KeptRegions, SystemMaker, UpContext } from '../../topology/system/system.ts';
import { startWorkload } from '../../workload/clients.ts';
import { NOBODY } from '../operator/operator.ts';
import { newPlace } from '../place.ts';
import type { DrillRead } from '../read.ts';
import { newRegions, runtimeOptions, type SystemSource } from '../runtime-of.ts';
import type { Session } from '../session.ts';
import { version } from '../version.ts';
import { ownRegionsReason } from './keepable.ts';

export interface RegionsOptions {
  /** Each trial is to have regions of its own (`--fresh`). */
  readonly fresh: boolean;
  readonly session: Session;
  /** Regions of a run's own; tests have theirs. */
  readonly source?: typeof newRegions;
  /** Why a drill's trials have their own, else how a place for them is taken; tests have theirs. */
  readonly places?: Places;
  /** Told of each place before anything is in it, and once nothing is: a kill leaves it behind. */
  readonly onPlace?: (id: string, isThere: boolean) => void;
}

export interface Places {
  readonly ownReason: (drill: DrillRead) => string | null;
  readonly hold: (drill: DrillRead, context: UpContext, session: Session) => Promise<KeptRegions>;
}

const PLACES: Places = {
  ownReason: ownRegionsReason,
  hold: async ({ drill, settings }, context, session) =>
    await runtimes[runtimeNamed(drill.runtime)].hold!(context, runtimeOptions(settings, session)),
};

/** A source that somebody named is asked for each run. */
const NO_PLACES: Places = { ...PLACES, ownReason: () => 'they come from elsewhere' };

interface Held {
  readonly id: string;
  readonly directory: string;
  readonly place: OpenPlace;
  readonly regions: KeptRegions;
  /** What it was taken for: a drill of another system has another place. */
  readonly plan: Plan;
}

export class SeriesRegions {
  readonly #options: RegionsOptions;
  readonly #places: Places;
  #held: Held | null = null;
  /** The drill of the trial that comes after this one; null: none does. */
  #next: DrillRead | null = null;
  #drained = 0;
  #isPrepared = false;
  readonly #left: string[] = [];

  constructor(options: RegionsOptions) {
    this.#options = options;
    this.#places = options.places ?? (options.source === undefined ? PLACES : NO_PLACES);
  }

  /** Where the next run has its regions from; `next` is the drill of the trial after it. */
  sourceBefore(next: DrillRead | null): typeof newRegions {
    this.#next = next;
    this.#drained = 0;
    this.#isPrepared = false;
    return (drill, place, surroundings): SystemSource => {
      const own = (this.#options.source ?? newRegions)(drill, place, surroundings);
      return { ...own, runtime: { up: (context) => this.#up(drill, own.runtime, context) } };
    };
  }

  /**
   * Told of everything that happens in a trial: what the next one needs is made ready once nothing
   * of this one is timed any more.
   */
  hear(event: RunEvent, plan: Plan): void {
    // With a failback the same clients go on after the cut.
    if (event.event === 'workload.drained' && !plan.failback) this.#drained += 1;
    const isCut = this.#drained >= storesOf(plan).length;
    const isOver = event.event === 'phase.started' && event.phase === 'down';
    if (isCut || isOver) this.#prepare();
  }

  /** Nothing of the regions is left after it; what is, in words. */
  async close(): Promise<readonly string[]> {
    await this.#drop();
    return this.#left;
  }

  #prepare(): void {
    const { session } = this.#options;
    const isWanted = this.#held !== null && !session.interrupt.aborted && !this.#isPrepared;
    if (!isWanted || this.#next === null || !this.#mayFollow(this.#held!.plan)) return;
    this.#isPrepared = true;
    try {
      this.#held!.regions.prepare(this.#next.plan);
    } catch (error) {
      // What was not made ready is made when it is needed, or says there why it cannot be.
      session.on({ type: 'warning', text: `the next trial begins later: ${reasonOf(error)}` });
    }
  }

  /** Whether the next trial may have the regions of a trial with this plan. */
  #mayFollow(plan: Plan): boolean {
    if (this.#next === null || this.#ownReason(this.#next) !== null) return false;
    return systemDifferences(this.#next.plan, plan).length === 0;
  }

  #ownReason(drill: DrillRead): string | null {
    return this.#options.fresh ? 'asked for by --fresh' : this.#places.ownReason(drill);
  }

  async #up(drill: DrillRead, own: SystemMaker, context: UpContext) {
    if (isOwnPlan(drill.plan)) {
      await this.#drop();
      return await own.up(context); // nobody makes them, so that nobody can keep them
    }
    const why = this.#ownReason(drill) ?? (await this.#whyNotThese(drill.plan));
    // Two systems at once would take from each other what is measured.
    if (why !== null) await this.#drop();
    if (this.#ownReason(drill) !== null || (this.#held === null && !this.#mayFollow(drill.plan))) {
      const reason = why ?? 'no trial comes after it that could have them';
      context.emit('regions.placed', { kept: false, by: null, why: reason });
      return await own.up(context);
    }
    const known = this.#held;
    const { regions, id } = known ?? (await this.#hold(drill));
    const news = known === null ? (why ?? 'the first of the series') : '';
    context.emit('regions.placed', { kept: known !== null, by: id, why: news });
    return await regions.up(context);
  }

  /** Why regions that are there are not for this plan; null: they are, or there are none. */
  async #whyNotThese(plan: Plan): Promise<string | null> {
    const known = this.#held;
    if (known === null) return null;
    const keys = systemDifferences(plan, known.plan).map(({ key }) => key);
    if (keys.length > 0) return `those of the trial before differ in ${keys.join(', ')}`;
    const remains = await known.regions.remains().catch((error: unknown) => [reasonOf(error)]);
    return remains.length === 0 ? null : `left in those of the trial before: ${remains.join(', ')}`;
  }

  async #hold(drill: DrillRead): Promise<Held> {
    const { session } = this.#options;
    const { plan, text, settings } = drill;
    const runs = runsDirectory(session.directory, settings.out);
    const { id, directory, ...rest } = newPlace(runs, plan.name, 'regions');
    this.#options.onPlace?.(id, true);
    const unused: SystemMaker = { up: () => Promise.reject(new Error('a place is no run')) };
    const place = await openPlace({
      plan,
      text,
      place: { id, directory, ...rest },
      parts: { runtime: unused, faults, recoveries, startClients: startWorkload },
      version: version(),
      environment: markedEnvironment(session.environment, id),
      onEvent: () => {},
      interrupt: session.interrupt,
      kill: session.kill,
      limit_ms: null,
      operator: NOBODY,
    });
    try {
      const regions = await this.#places.hold(drill, place.context, session);
      return (this.#held = { id, directory, place, regions, plan });
    } catch (error) {
      await this.#close({ id, directory, place });
      throw error;
    }
  }

  async #drop(): Promise<void> {
    const held = this.#held;
    this.#held = null;
    if (held !== null) await this.#close(held);
  }

  /** A place that is clean leaves nothing: the journals of its runs say what happened in it. */
  async #close({ id, directory, place }: Pick<Held, 'id' | 'directory' | 'place'>): Promise<void> {
    const left = await place.close();
    this.#left.push(...left.map((each) => `${id}: ${each}`));
    if (left.length > 0) return;
    removeTree(directory);
    this.#options.onPlace?.(id, false);
  }
}
