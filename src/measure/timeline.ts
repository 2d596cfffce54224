// What happened in a run and when: its events by name, and the moments that all hangs on.
import type { ChosenBaseline } from '../drill/baseline.ts';
import { NO_EFFECT, type Effect } from '../drill/fault/fault.ts';
import { STORE_ROLES, storesOf, type Plan, type StoreRole } from '../drill/plan/plan.ts';
import { comingWith } from '../drill/plan/disaster.ts';
import type { EventName, RunEvent } from '../evidence/event.ts';

export type EventOf<N extends EventName> = Extract<RunEvent, { event: N }>;

/** The events whose bodies name a store. */
type StoreEventName = Extract<RunEvent, { store: StoreRole }>['event'];

/** The drill itself, up to its count; and the failback after it, where clients begin again. */
export type Slice = 'drill' | 'failback';

export interface Span {
  readonly from_ms: number;
  readonly to_ms: number;
}

/** The fault whose start starts the clock. */
export interface Disaster {
  readonly index: number;
  readonly region: string;
  /** The effect of the plan's fault; none where the plan does not know it. */
  readonly effect: Effect;
  /** Before the first call that injects it. */
  readonly started_ms: number;
  /** After the last one; the start, where the journal does not say. */
  readonly injected_ms: number;
  /** When it was first seen to bite; null: nobody looked all the time, or nobody saw it. */
  readonly bitten: {
    /** When the last look began that did not see it; the start of the fault, without one. */
    readonly not_yet_ms: number;
    /** From when to when the look took that saw it; of several faults at once, to the last. */
    readonly asked_ms: number;
    readonly seen_ms: number;
  } | null;
}

/** What ends a run before it is over. */
const ENDS = [
  'run.limited',
  'run.stopped',
  'run.interrupted',
  'environment.failed',
  'internal.failed',
] as const;

export class Timeline {
  readonly plan: Plan;
  /** In journal order, which is not strictly the order of their times. */
  readonly events: readonly RunEvent[];
  /** Null when the run never came to it. */
  readonly disaster: Disaster | null;
  /** When the failback began; Infinity: it never did. */
  readonly failback_ms: number;
  readonly #byName = new Map<EventName, RunEvent[]>();

  constructor(plan: Plan, events: readonly RunEvent[]) {
    this.plan = plan;
    this.events = events;
    for (const event of events) {
      const alike = this.#byName.get(event.event);
      if (alike === undefined) this.#byName.set(event.event, [event]);
      else alike.push(event);
    }
    this.disaster = this.#findDisaster();
    const phase = this.all('phase.started').find((event) => event.phase === 'failback');
    const again = STORE_ROLES.map((store) => this.resume(store)?.t ?? Infinity);
    this.failback_ms = phase?.t ?? Math.min(...again);
  }

  /** The past that the run is held against; null: nobody chose one. */
  get baseline(): ChosenBaseline | null {
    const chosen = this.first('baseline.chosen');
    if (chosen === undefined) return null;
    const { t: _, event: __, ...baseline } = chosen;
    return baseline;
  }

  /** All events of one name, in journal order. */
  all<N extends EventName>(name: N): readonly EventOf<N>[] {
    return (this.#byName.get(name) ?? []) as EventOf<N>[];
  }

  first<N extends EventName>(name: N): EventOf<N> | undefined {
    return this.all(name)[0];
  }

  last<N extends EventName>(name: N): EventOf<N> | undefined {
    return this.all(name).at(-1);
  }

  /** All events of one name that are about one store. */
  ofStore<N extends StoreEventName>(name: N, store: StoreRole): readonly EventOf<N>[] {
    return this.all(name).filter((event: RunEvent) => 'store' in event && event.store === store);
  }

  /** All events of one name that are about one store in one of the two slices. */
  ofSlice<N extends StoreEventName>(name: N, store: StoreRole, slice: Slice) {
    const isLate = slice === 'failback';
    return this.ofStore(name, store).filter((event: RunEvent) => {
      return event.t >= this.failback_ms === isLate;
    });
  }

  /** When the clients of a store began again, for the failback; undefined: they never did. */
  resume(store: StoreRole): EventOf<'workload.started'> | undefined {
    return this.ofStore('workload.started', store)[1];
  }

  /** When scheduling of a store's operations stopped; null when it never did. */
  stop(store: StoreRole, slice: Slice = 'drill'): number | null {
    return this.ofSlice('workload.stopped', store, slice)[0]?.t ?? null;
  }

  /** When scheduling of the first store stopped; null when that of one of them never did. */
  cut(slice: Slice = 'drill'): number | null {
    const cut = Math.min(...storesOf(this.plan).map((store) => this.stop(store, slice) ?? NaN));
    return Number.isNaN(cut) ? null : cut;
  }

  /** What ended the run before it was over; empty: nothing did. */
  get ends(): readonly EventOf<(typeof ENDS)[number]>[] {
    return ENDS.flatMap((name) => this.all(name));
  }

  /**
   * Up to when clients were seen: to the cut; where they never stopped in order, to what ended the
   * run before that. `now_ms` is then the present in which the last operations were under way.
   */
  sight(slice: Slice = 'drill'): { readonly until_ms: number; readonly now_ms: number | null } {
    const cut_ms = this.cut(slice);
    if (cut_ms !== null) return { until_ms: cut_ms, now_ms: null };
    const from_ms = slice === 'failback' ? this.failback_ms : -Infinity;
    const ends = this.ends.filter(({ t }) => t >= from_ms);
    const last_ms = this.events.reduce((last, { t }) => Math.max(last, t), -Infinity);
    const now_ms = Math.min(last_ms, ...ends.map(({ t }) => t));
    return { until_ms: now_ms, now_ms };
  }

  /** Null when there was no whole steady phase. */
  get steady(): Span | null {
    const [from, to] = [this.first('steady.started'), this.first('steady.ended')];
    return from === undefined || to === undefined ? null : { from_ms: from.t, to_ms: to.t };
  }

  /** When the first fault came that the steady state did not have already; Infinity: none. */
  get hit_ms(): number {
    const from_ms = this.first('steady.started')?.t ?? Infinity;
    const times = this.all('fault.started').filter(({ t }) => t >= from_ms);
    return Math.min(...times.map(({ t }) => t));
  }

  injected(index: number): EventOf<'fault.injected'> | undefined {
    return this.all('fault.injected').find((event) => event.index === index);
  }

  /** Its first heal. */
  healed(index: number): EventOf<'fault.healed'> | undefined {
    return this.all('fault.healed').find((event) => event.index === index);
  }

  /** The faults that came at once with that one, itself included. */
  #blow(index: number): readonly number[] {
    const { faults } = this.plan;
    const planned = faults.find((each) => each.index === index);
    return planned === undefined ? [index] : comingWith(planned, faults).map((each) => each.index);
  }

  /** Of several the first that bit, until the last was seen to. */
  #bitten(blow: readonly number[]): Disaster['bitten'] {
    const seen = this.all('fault.seen').filter(({ index }) => blow.includes(index));
    if (seen.length === 0) return null;
    const first = (of: 'not_yet_ms' | 'asked_ms') => Math.min(...seen.map((each) => each[of]));
    const seen_ms = Math.max(...seen.map(({ t }) => t));
    return { not_yet_ms: first('not_yet_ms'), asked_ms: first('asked_ms'), seen_ms };
  }

  #findDisaster(): Disaster | null {
    const started = this.all('fault.started').find(({ disaster }) => disaster);
    if (started === undefined) return null;
    const { index, region, t } = started;
    const { effect = NO_EFFECT } = this.plan.faults.find((each) => each.index === index) ?? {};
    const blow = this.#blow(index);
    const injected_ms = Math.max(t, ...blow.map((each) => this.injected(each)?.t ?? t));
    const bitten = this.#bitten(blow);
    return { index, region, effect, started_ms: t, injected_ms, bitten };
  }
}
