// A whole run in this process, with parts of the test's own in place of drill's: a fault that does
// nothing, a database that cannot be read.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Plan, StoreRole } from '../../../src/drill/plan/plan.ts';
import type { Parts } from '../../../src/engine/frame/context.ts';
import type * as ClientsModule from '../../../src/workload/clients.ts';
import type * as RunModule from '../../../src/engine/run.ts';
import type { RunEvent } from '../../../src/evidence/event.ts';
import type * as FaultModule from '../../../src/fault/registry.ts';
import { markedEnvironment } from '../../../src/host/process/environment.ts';
import { findRunProcesses } from '../../../src/host/process/processes.ts';
import type * as RecoveryModule from '../../../src/recovery/registry.ts';
import type * as RuntimesModule from '../../../src/topology/runtimes.ts';
import type { Result } from '../../../src/verdict/result.ts';
import { built } from './built.ts';
import { optionsFor } from '../system/runtime-options.ts';
import { overlay, overlayLab } from './overlay.ts';
import { TOO_BUSY, TRIES_MORE } from './run-measured.ts';
import { type LabRegion, storeIn } from '../../../src/topology/system/region.ts';
import type { Store } from '../../../src/topology/system/store.ts';
import { labOf, type SystemMaker } from '../../../src/topology/system/system.ts';
import { nobody } from '../nobody.ts';

export interface InProcessRun {
  readonly result: Result;
  readonly events: readonly RunEvent[];
  /** Processes that outlived it. */
  readonly left: readonly number[];
}

/** `change` gets drill's own parts and gives what the run is to be made of. */
export async function runInProcess(
  plan: Plan,
  change: (parts: Parts) => Partial<Parts>,
): Promise<InProcessRun> {
  const { runDrill } = await built<typeof RunModule>('engine/run.js');
  const { startWorkload: startClients } = await built<typeof ClientsModule>('workload/clients.js');
  const { faults } = await built<typeof FaultModule>('fault/registry.js');
  const { recoveries } = await built<typeof RecoveryModule>('recovery/registry.js');
  const { systemMaker } = await built<typeof RuntimesModule>('topology/runtimes.js');
  const root = mkdtempSync(join(tmpdir(), 'drill-test-'));
  const id = `in-test-${root.slice(-6)}`;
  const directory = join(root, 'run');
  const place = {
    ...{ id, directory, logs: join(directory, 'logs') },
    scratch: join(tmpdir(), `drill-${id}`),
  };
  mkdirSync(place.logs, { recursive: true });
  const environment = markedEnvironment(process.env, id);
  const own: Parts = {
    runtime: systemMaker('embedded', optionsFor(environment)),
    faults,
    recoveries,
    startClients,
  };
  const events: RunEvent[] = [];
  const never = new AbortController().signal;
  try {
    const result = await runDrill({
      ...{ plan, text: new Uint8Array(), place, environment, version: '0.0.0' },
      parts: { ...own, ...change(own) },
      onEvent: (event) => events.push(event),
      ...{ interrupt: never, kill: never, keep: 'never', limit_ms: null, operator: nobody },
    });
    return { result, events, left: findRunProcesses(id, place.scratch) };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/**
 * Again if a busy machine kept it from being measured; it cleans up, and nothing may be left.
 */
export async function runMeasuredInProcess(
  plan: Plan,
  change: (parts: Parts) => Partial<Parts> = () => ({}),
): Promise<InProcessRun> {
  let ended = await runInProcess(plan, change);
  for (let more = TRIES_MORE; more > 0; more--) {
    if (!ended.result.reasons.some((reason) => TOO_BUSY.test(reason))) break;
    ended = await runInProcess(plan, change);
  }
  expect(ended.left, 'processes left').to.deep.equal([]);
  expect(ended.result.cleanup).to.deep.equal({ clean: true, left: [] });
  return ended;
}

/** The runtime, with a store of a region doing some things in another way. */
export function withStore(
  runtime: SystemMaker,
  name: string,
  store: StoreRole,
  change: (own: Store) => Partial<Store>,
): SystemMaker {
  return withRegion(runtime, name, (region) => {
    const own = storeIn(region, store);
    return { stores: new Map([...region.stores, [store, overlay(own, change(own))]]) };
  });
}

/** The runtime, with a region's database doing some things in another way. */
export function withDatabase(
  runtime: SystemMaker,
  name: string,
  change: (database: Store) => Partial<Store>,
): SystemMaker {
  return withStore(runtime, name, 'orders', change);
}

/** The runtime, with a region doing some things in another way. */
export function withRegion(
  runtime: SystemMaker,
  name: string,
  change: (region: LabRegion) => Partial<LabRegion>,
): SystemMaker {
  const inRegion = (region: LabRegion): LabRegion => {
    return region.name === name ? overlay(region, change(region)) : region;
  };
  return {
    up: async (context) => {
      const system = labOf(await runtime.up(context));
      return overlayLab(system, { region: (each) => inRegion(system.region(each)) });
    },
  };
}
