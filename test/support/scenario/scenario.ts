// A real system taken through a disaster step by step, with the parts that a run is made of, so
// that a test decides what happens between the steps.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import type { RunContext } from '../../../src/engine/frame/context.ts';
import type * as DisasterModule from '../../../src/engine/recovery/recover.ts';
import type * as FaultsModule from '../../../src/engine/faults/faults.ts';
import type * as ClientsModule from '../../../src/workload/clients.ts';
import type { Vitals } from '../../../src/engine/load/vitals.ts';
import type * as LoadModule from '../../../src/engine/load/load.ts';
import type * as RecorderModule from '../../../src/engine/frame/recorder.ts';
import type * as ScopeModule from '../../../src/engine/frame/scope.ts';
import type * as VerifyModule from '../../../src/engine/verification/verify.ts';
import type { Evidence } from '../../../src/evidence/evidence.ts';
import { readEvidence, runFile } from '../../../src/evidence/run-files.ts';
import type * as FaultModule from '../../../src/fault/registry.ts';
import { hostClock, hostNow } from '../../../src/host/clock.ts';
import { markedEnvironment } from '../../../src/host/process/environment.ts';
import type * as RecoveryOfModule from '../../../src/engine/recovery/recovery.ts';
import type * as RecoveryModule from '../../../src/recovery/registry.ts';
import type * as RuntimesModule from '../../../src/topology/runtimes.ts';
import { type Lab, labOf } from '../../../src/topology/system/system.ts';
import { built } from '../whole/built.ts';
import { optionsFor } from '../system/runtime-options.ts';
import { nobody } from '../nobody.ts';

interface Modules {
  readonly disaster: typeof DisasterModule;
  readonly faults: typeof FaultsModule;
  readonly clients: typeof ClientsModule;
  readonly load: typeof LoadModule;
  readonly recorder: typeof RecorderModule;
  readonly scope: typeof ScopeModule;
  readonly verify: typeof VerifyModule;
  readonly fault: typeof FaultModule;
  readonly recovery: typeof RecoveryModule;
  readonly recoveryOf: typeof RecoveryOfModule;
  readonly runtimes: typeof RuntimesModule;
}

async function loadModules(): Promise<Modules> {
  return {
    disaster: await built('engine/recovery/recover.js'),
    faults: await built('engine/faults/faults.js'),
    clients: await built('workload/clients.js'),
    load: await built('engine/load/load.js'),
    recorder: await built('engine/frame/recorder.js'),
    scope: await built('engine/frame/scope.js'),
    verify: await built('engine/verification/verify.js'),
    fault: await built('fault/registry.js'),
    recovery: await built('recovery/registry.js'),
    recoveryOf: await built('engine/recovery/recovery.js'),
    runtimes: await built('topology/runtimes.js'),
  };
}

/** No fault of a scenario waits for a condition. */
const NO_VITALS: Pick<Vitals, 'until'> = {
  until: () => Promise.reject(new Error('nobody watches the clients')),
};

/** What exists of a scenario; `down` ends all of it, also when it came up by half. */
export class Scenario {
  readonly run: RunContext;
  readonly #modules: Modules;
  readonly #recorder: RecorderModule.Recorder;
  readonly #root: string;
  #parts: { readonly system: Lab; readonly load: LoadModule.Load } | null = null;

  private constructor(plan: Plan, modules: Modules) {
    this.#modules = modules;
    this.#root = mkdtempSync(join(tmpdir(), 'drill-test-'));
    const id = `in-test-${this.#root.slice(-6)}`;
    const directory = join(this.#root, 'run');
    const logs = join(directory, 'logs');
    mkdirSync(logs, { recursive: true });
    const place = { id, directory, logs, scratch: join(tmpdir(), `drill-${id}`) };
    const origin_ms = hostNow();
    const clock = hostClock(origin_ms);
    this.#recorder = modules.recorder.openRecorder(place, clock, () => {});
    const { emit, undoLog } = this.#recorder;
    const environment = markedEnvironment(process.env, id);
    this.run = {
      ...{ plan, place, environment, clock, origin_ms, emit, operator: nobody },
      key: '0'.repeat(32),
      parts: {
        runtime: modules.runtimes.systemMaker('embedded', optionsFor(environment)),
        faults: modules.fault.faults,
        recoveries: modules.recovery.recoveries,
        startClients: modules.clients.startWorkload,
      },
      scope: new modules.scope.Scope(undoLog, clock, place.directory),
      signal: new AbortController().signal,
      kill: new AbortController().signal,
      fail: (error) => {
        throw error;
      },
    };
    writeFileSync(runFile(directory, 'plan'), JSON.stringify(plan));
    const { name } = plan;
    emit('run.started', { id, name, at: '', origin_ms, drill_version: '' });
  }

  /** A system that is up, with its clients ready to begin. */
  static async up(plan: Plan): Promise<Scenario> {
    const scenario = new Scenario(plan, await loadModules());
    try {
      await scenario.#up();
    } catch (error) {
      await scenario.down();
      throw error;
    }
    return scenario;
  }

  get system(): Lab {
    return this.#parts!.system;
  }

  get load(): LoadModule.Load {
    return this.#parts!.load;
  }

  /**
   * The plan's faults, at once, and the recovery to its end; it does not wait for service to hold.
   */
  async loseAndRecover(): Promise<void> {
    const { recover } = this.#modules.disaster;
    const recovery = new this.#modules.recoveryOf.Recovery(this.run, this.system);
    const faults = new this.#modules.faults.Faults(this.system, recovery);
    const disaster_ms = this.run.clock.now();
    await faults.injectAll(this.run, this.run.plan.faults, disaster_ms, NO_VITALS);
    const steady = { from_ms: 0, to_ms: 0 };
    await recover(this.run, this.system, { disaster_ms, steady, faults, recovery });
    await faults.proved();
    await faults.open.healRest(this.run, this.run.kill);
  }

  /** Stops the clients, writes the marker, reads the survivors. */
  async verify(): Promise<Evidence> {
    await this.#modules.verify.verify(this.run, this.system, this.load);
    return readEvidence(this.run.place.directory);
  }

  /** Resolves to what could not be undone. */
  async down(): Promise<string[]> {
    await this.#parts?.load.close();
    const left = await this.run.scope.close(new AbortController().signal);
    this.#recorder.close(null);
    rmSync(this.#root, { recursive: true, force: true });
    return left;
  }

  async #up(): Promise<void> {
    const { plan, place, parts, clock, origin_ms, emit, scope, signal, fail } = this.run;
    const load = new this.#modules.load.Load(this.run);
    await scope.defer({ undo: 'processes', run: place.id, directory: place.scratch }, () =>
      load.close(),
    );
    const defer = scope.defer.bind(scope);
    const context = { plan, place, clock, origin_ms, emit, defer, signal, fail };
    const system = labOf(await parts.runtime.up(context));
    emit('topology.up', system.description);
    await load.open(system);
    this.#parts = { system, load };
  }
}
