// A run as far as its journal has come: how far it is, what was broken, which steps were taken,
// what clients got. One such fold serves everybody who watches. Pure.
import type { Plan } from '../../drill/plan/plan.ts';
import type { RunEvent } from '../../evidence/event.ts';
import { Timeline } from '../../measure/timeline.ts';
import { advance, startProgress, type Progress } from '../../report/live/progress.ts';
import { faultsOf, stepsOf, type RunView } from '../../report/view/run-view.ts';
import { askedIn, heldIn, type Asked } from '../../session/operator/standing.ts';
import { RateSpans, type LiveRates } from './rates.ts';

/** What the timeline of a run shows; its phases are those of the run. */
export type CourseView = Pick<
  RunView,
  'plan' | 'span' | 'disaster_ms' | 'faults' | 'marks' | 'phases' | 'steps'
>;

/** The first of each after the disaster, by the names of a report. */
const MARKS: Readonly<Partial<Record<RunEvent['event'], string>>> = {
  'region.down': 'detected',
  'disaster.declared': 'declared',
  'fence.proved': 'fenced',
  'database.writable': 'writable',
  'app.ready': 'app_ready',
  'gslb.redirected': 'redirected',
  'service.sustained': 'sustained',
};

export class Course {
  #progress: Progress;
  /** Without samples, of which there are thousands. */
  readonly #events: RunEvent[] = [];
  readonly #spans = new RateSpans();

  constructor(plan: Plan) {
    this.#progress = startProgress(plan);
  }

  get progress(): Progress {
    return this.#progress;
  }

  get rates(): LiveRates | null {
    return this.#spans.rates;
  }

  add(event: RunEvent): void {
    this.#progress = advance(this.#progress, event);
    if (event.event === 'workload.sampled') this.#spans.add(event);
    else if (event.event !== 'usage.sampled') this.#events.push(event);
  }

  get asked(): Asked | null {
    return askedIn(this.#events);
  }

  get heldBefore(): string | null {
    return heldIn(this.#events);
  }

  /** `t`: milliseconds since the run's origin. */
  viewAt(t: number): CourseView {
    const run = new Timeline(this.#progress.plan, this.#events);
    const disaster_ms = run.disaster?.started_ms ?? null;
    const last = this.#events.at(-1)?.t ?? 0;
    const span = { from_ms: 0, to_ms: Math.max(1, t, last) };
    const seen = new Set<string>();
    const marks = this.#events.flatMap(({ event, t: at_ms }) => {
      const name = MARKS[event];
      if (name === undefined || disaster_ms === null || at_ms < disaster_ms) return [];
      if (seen.has(name)) return [];
      seen.add(name);
      return [{ name, at_ms }];
    });
    const fault = disaster_ms === null ? [] : [{ name: 'fault_started', at_ms: disaster_ms }];
    return {
      plan: this.#progress.plan,
      span,
      disaster_ms,
      faults: faultsOf(run, span),
      marks: [...fault, ...marks].toSorted((one, other) => one.at_ms - other.at_ms),
      phases: this.#progress.phases.map(({ phase, started_ms, ms }) => {
        return { name: phase, from_ms: started_ms, to_ms: started_ms + (ms ?? t - started_ms) };
      }),
      steps: stepsOf(run, span),
    };
  }
}
