// Brings a whole system up for a test, an embedded one if not said otherwise, and all of it down
// again.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plan, PlannedBackup } from '../../../src/drill/plan/plan.ts';
import type { Strategy } from '../../../src/drill/names.ts';
import { STRATEGY_FACTS } from '../../../src/drill/plan/strategies.ts';
import type { EventName, RunEvent } from '../../../src/evidence/event.ts';
import type { Effect } from '../../../src/evidence/undo.ts';
import { hostClock, hostNow } from '../../../src/host/clock.ts';
import { systemMaker } from '../../../src/topology/runtimes.ts';
import {
  labOf,
  type Lab,
  type RunPlace,
  type SystemMaker,
} from '../../../src/topology/system/system.ts';
import { basePlan } from '../plan/base-plan.ts';
import { plannedRecovery } from '../plan/planned-recovery.ts';
import { optionsFor } from './runtime-options.ts';

export interface PlanChanges {
  readonly mode?: 'async' | 'sync';
  readonly latency_ms?: number;
  /** App instances after the recovery. */
  readonly instances?: number;
  readonly strategy?: Strategy;
  /** How log comes to the repository, where the strategy has one. */
  readonly wal?: PlannedBackup['wal'];
}

function planForTest(changes: PlanChanges): Plan {
  const { mode = 'async', latency_ms = 0, instances = 2, strategy = 'warm-standby' } = changes;
  const { second, hasApp, hasBackups, recovery } = STRATEGY_FACTS[strategy];
  const { wal = 'archive' } = changes;
  const backup = { every_ms: 600_000, keep: 3, wal, archive_timeout_ms: 1_000 };
  const inWest = hasApp ? 1 : 0;
  return {
    ...basePlan,
    name: 'test',
    description: '',
    strategy,
    targets: { ...basePlan.targets, rto_ms: 10_000, rpo_ms: null },
    regions: [
      { name: 'east', role: 'active', app: { instances: 2, capacity_per_s: 200 }, weight: 1 },
      { name: 'west', role: second, app: { instances: inWest, capacity_per_s: 200 }, weight: 1 },
    ],
    replication: { mode, from: 'east', to: 'west' },
    links: latency_ms > 0 ? { 'east-west': { latency_ms, jitter_ms: 0 } } : {},
    gslb: { every_ms: 100, timeout_ms: 200, failures: 2, ttl_s: 1 },
    workload: {
      ...basePlan.workload,
      ...{ rate_per_s: 100, writers: 4, payload_bytes: 64, seed_rows: 0 },
    },
    backup: hasBackups ? backup : null,
    warm_up: { at_most_ms: 1_000 },
    steady: { for_ms: 1_000 },
    faults: [],
    recover: plannedRecovery(recovery, { deadline_ms: 30_000, instances }),
    sustain: { ...basePlan.sustain, for_ms: 1_000 },
  };
}

/** A system that came up, what it said, and how it ends. */
export class SystemInTest {
  readonly place: RunPlace;
  readonly events: RunEvent[] = [];
  readonly undos: { entry: Effect; undo: () => Promise<void> }[] = [];
  readonly #root: string;

  constructor() {
    this.#root = mkdtempSync(join(tmpdir(), 'drill-system-'));
    const id = `test-${this.#root.slice(-6)}`;
    const directory = join(this.#root, 'run');
    const logs = join(directory, 'logs');
    mkdirSync(logs, { recursive: true });
    this.place = { id, directory, logs, scratch: join(tmpdir(), `drill-${id}`) };
  }

  async up(
    changes: PlanChanges = {},
    runtime: SystemMaker = systemMaker('embedded', optionsFor(process.env)),
  ): Promise<Lab> {
    const origin_ms = hostNow();
    const clock = hostClock(origin_ms);
    const system = await runtime.up({
      plan: planForTest(changes),
      place: this.place,
      clock,
      origin_ms,
      emit: (event, body, t = clock.now()) => {
        this.events.push({ t, event, ...body } as RunEvent);
      },
      defer: async (entry, undo) => {
        this.undos.push({ entry, undo });
      },
      signal: new AbortController().signal,
      fail: (error) => {
        throw error;
      },
    });
    return labOf(system);
  }

  of<N extends EventName>(name: N): Extract<RunEvent, { event: N }>[] {
    return this.events.filter((event) => event.event === name) as Extract<RunEvent, { event: N }>[];
  }

  /** Undoes everything; what was written stays. */
  async end(): Promise<void> {
    for (let last = this.undos.pop(); last; last = this.undos.pop()) await last.undo();
  }

  async down(): Promise<void> {
    await this.end();
    rmSync(this.#root, { recursive: true, force: true });
  }
}
