// A whole drill on `noop`: two regions in memory, clients in this process, a manual clock. What the
// engine does is the engine's own; a drill of many seconds takes some milliseconds.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import type { Operator, Parts } from '../../../src/engine/frame/context.ts';
import type { Task } from '../../../src/engine/frame/tasks.ts';
import { drillTasks, runDrill, type Facts } from '../../../src/engine/run.ts';
import type { EventName, RunEvent } from '../../../src/evidence/event.ts';
import { runFile } from '../../../src/evidence/run-files.ts';
import type { UndoEntry } from '../../../src/evidence/undo.ts';
import { faults } from '../../../src/fault/registry.ts';
import { recoveries } from '../../../src/recovery/registry.ts';
import type { Result } from '../../../src/verdict/result.ts';
import type { Clients, StartClients } from '../../../src/workload/clients.ts';
import { failing } from './failing.ts';
import { ManualClock } from '../manual-clock.ts';
import { memoryClients } from './memory-clients.ts';
import { MemorySystem } from './memory-system.ts';
import { nobody } from '../nobody.ts';

const TICK_MS = 1e-4;

export class NoopRun {
  readonly clock = new ManualClock(TICK_MS);
  readonly events: RunEvent[] = [];
  /** The first Ctrl-C, and the second. */
  readonly interrupt = new AbortController();
  readonly kill = new AbortController();
  readonly #plan: Plan;
  readonly #limit_ms: number | null;
  #system: MemorySystem | null = null;
  #plant: (system: MemorySystem) => void = () => {};
  #undoLog: readonly UndoEntry[] = [];
  #hasResult = false;
  #failure: Error | null = null;

  /** Stopped after `limit_ms`, as by --timeout. */
  constructor(plan: Plan, limit_ms: number | null = null) {
    this.#plan = plan;
    this.#limit_ms = limit_ms;
  }

  get system(): MemorySystem {
    if (this.#system === null) throw new Error('the system is not up');
    return this.#system;
  }

  /** What is planted in the system once it is up. */
  plant(plant: (system: MemorySystem) => void): this {
    this.#plant = plant;
    return this;
  }

  /** From now on whoever asks the system, its clients or the machine gets this; null: no more. */
  failWith(error: Error | null): void {
    this.#failure = error;
  }

  /** Who stands beside it. */
  operator: Operator = nobody;

  readonly #startClients: StartClients = (options) => {
    const clients = memoryClients(() => this.system)(options);
    const request: Clients['request'] = async (...asked) => {
      this.#throwWhileFailing();
      return await clients.request(...asked);
    };
    return { ...clients, request };
  };

  #throwWhileFailing(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  async #ask(deed: string): Promise<void> {
    this.#throwWhileFailing();
    await this.#system?.deeds.do(deed);
  }

  named<N extends EventName>(name: N): Extract<RunEvent, { event: N }>[] {
    return this.events.filter((event): event is Extract<RunEvent, { event: N }> => {
      return event.event === name;
    });
  }

  get phases(): readonly string[] {
    return this.named('phase.started').map(({ phase }) => phase);
  }

  /** The kinds of the undo log, in order. */
  get undone(): readonly string[] {
    return this.#undoLog.map(({ undo }) => undo);
  }

  /** Whether `result.json` was written. */
  get hasResult(): boolean {
    return this.#hasResult;
  }

  /** `look` sees the run directory before it goes. */
  async run(
    change: (task: Task<Facts>) => Task<Facts> = (task) => task,
    look: (directory: string) => unknown = () => {},
  ): Promise<Result> {
    const root = mkdtempSync(join(tmpdir(), 'drill-noop-'));
    const directory = join(root, 'run');
    const id = `noop-${root.slice(-6)}`;
    const place = {
      ...{ id, directory, logs: join(directory, 'logs') },
      scratch: join(root, 'scratch'),
    };
    mkdirSync(place.logs, { recursive: true });
    const parts: Parts = {
      runtime: {
        up: async (context) => {
          const system = new MemorySystem(this.#plan, context);
          this.#system = system;
          this.#plant(system);
          await context.defer({ undo: 'noop', deed: 'up' }, () => this.#ask('take it down'));
          await this.#ask('bring it up');
          return failing(system, () => this.#throwWhileFailing());
        },
      },
      faults,
      recoveries,
      startClients: this.#startClients,
      preflight: () => this.#ask('look at the machine'),
    };
    const { clock } = this;
    const options = {
      ...{ plan: this.#plan, text: new Uint8Array(), place, parts, clock, version: '0.0.0' },
      ...{ environment: {}, interrupt: this.interrupt.signal, kill: this.kill.signal },
      ...({ keep: 'never', operator: this.operator } as const),
      limit_ms: this.#limit_ms,
      onEvent: (event: RunEvent) => void this.events.push(event),
    };
    try {
      const running = runDrill(options, (...how) => drillTasks(...how).map(change));
      const result = await clock.runUntil(running);
      this.#hasResult = existsSync(runFile(directory, 'result'));
      const lines = readFileSync(runFile(directory, 'undo'), 'utf8').trim().split('\n');
      this.#undoLog = lines.map((line) => JSON.parse(line) as UndoEntry);
      await look(directory);
      return result;
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  }
}
