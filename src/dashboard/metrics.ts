// `/metrics`: what Prometheus is told, from the same that pages show. Nothing is said that the
// evidence does not prove: a run that is not as it was written has no numbers, a pass whose run is
// gone is none, and what another machine tells is that machine's to tell.
import { hasDisaster } from '../drill/plan/clock.ts';
import { Gauge, Histogram, Registry } from 'prom-client';
import type { PastRun } from '../archive/history/history.ts';
import { VERDICTS } from '../evidence/result-form.ts';
import { isVerified } from '../session/history/overview.ts';
import type { DrillSeen, OpenRun, Overview } from './model/overview.ts';

const LABELS = ['drill', 'strategy', 'runtime', 'data'] as const;
const BUCKETS_S = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600];

type Labels = Readonly<Record<(typeof LABELS)[number], string>>;

/** As a drill of the overview has them. */
function labelsOf({ drill, runtime, data }: PastRun): Labels {
  const { name, strategy } = drill;
  return { drill: name, strategy, runtime: runtime ?? 'nothing', data: data ?? '' };
}

export class Metrics {
  readonly #registry = new Registry();
  readonly #rto = this.#gauge('drill_last_rto_seconds', 'Recovery time of the newest run.');
  readonly #back = this.#gauge(
    'drill_last_back_after_seconds',
    'Of a drill without a disaster: from the first fault until service was back.',
  );
  readonly #target = this.#gauge('drill_rto_target_seconds', 'The recovery time that is promised.');
  readonly #rpo = this.#gauge('drill_last_rpo_seconds', 'Recovery point of the newest run.');
  readonly #lost = this.#gauge('drill_lost_writes', 'Acknowledged writes that it lost.');
  readonly #passed = this.#gauge(
    'drill_last_pass_timestamp_seconds',
    'When the newest pass began that its evidence proves.',
  );
  readonly #verdict = new Gauge({
    name: 'drill_verdict',
    help: '1 for the verdict of the newest run or series, 0 for all others.',
    labelNames: [...LABELS, 'verdict'],
    registers: [this.#registry],
  });
  readonly #running = new Gauge({
    name: 'drill_running',
    help: 'Runs that go on.',
    registers: [this.#registry],
  });
  readonly #phases = new Histogram({
    name: 'drill_recovery_phase_seconds',
    help: 'How long each phase of the recovery took, of all runs in the history.',
    labelNames: [...LABELS, 'phase'],
    buckets: BUCKETS_S,
    registers: [this.#registry],
  });
  /** Runs whose phases are counted. */
  readonly #counted = new Set<string>();

  get contentType(): string {
    return this.#registry.contentType;
  }

  async text({ drills, history }: Overview, open: readonly OpenRun[]): Promise<string> {
    for (const gauge of [this.#rto, this.#back, this.#target, this.#rpo, this.#lost]) gauge.reset();
    this.#passed.reset();
    this.#verdict.reset();
    for (const drill of drills) if (drill.history.machine === null) this.#tell(drill);
    this.#running.set(open.filter(({ state }) => state === 'running').length);
    for (const run of history.runs) {
      if (this.#counted.has(run.id) || !isVerified(run) || run.told !== undefined) continue;
      this.#counted.add(run.id);
      for (const [phase, ms] of Object.entries(run.phases)) {
        if (ms !== null) this.#phases.observe({ ...labelsOf(run), phase }, ms / 1_000);
      }
    }
    return await this.#registry.metrics();
  }

  #gauge(name: string, help: string): Gauge<(typeof LABELS)[number]> {
    return new Gauge({ name, help, labelNames: LABELS, registers: [this.#registry] });
  }

  #tell({ history, status }: DrillSeen): void {
    const { name: drill, strategy, runtime, data, executions } = history;
    const labels: Labels = { drill, strategy, runtime, data: data ?? '' };
    const newest = executions.at(-1)!.runs.at(-1)!;
    if (isVerified(newest)) {
      const target = newest.gates.find(({ name }) => name === 'rto')?.target;
      if (target !== undefined) this.#target.set(labels, target / 1_000);
      const { rto_ms, rpo_ms, lost } = newest;
      const back = hasDisaster(newest.drill) ? this.#rto : this.#back;
      if (rto_ms !== null) back.set(labels, rto_ms / 1_000);
      if (rpo_ms !== null) this.#rpo.set(labels, rpo_ms / 1_000);
      if (lost !== null) this.#lost.set(labels, lost);
    }
    const { last, passed } = status;
    for (const verdict of last === null ? [] : VERDICTS) {
      this.#verdict.set({ ...labels, verdict }, verdict === last!.verdict ? 1 : 0);
    }
    if (passed?.verifiable) this.#passed.set(labels, Date.parse(passed.at) / 1_000);
  }
}
