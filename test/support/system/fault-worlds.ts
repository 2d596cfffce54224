// For each kind of fault a small system that it can be injected into, in which its proof can see
// whether it had its effect. A kind without one does not compile.
import { bites } from '../../../src/topology/attached/seen.ts';
import type { OwnSystem } from '../../../src/topology/system/own.ts';
import { CommandFailed } from '../../../src/host/process/command-failed.ts';
import type { PlannedFault, SystemKind } from '../../../src/drill/fault/registry.ts';
import type { Undoable } from '../../../src/evidence/undo.ts';
import type { Clock } from '../../../src/host/clock.ts';
import type { Link } from '../../../src/link/links.ts';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import type { NodeState } from '../../../src/topology/system/region.ts';
import { undoable } from '../noop/memory-link.ts';
import { MemorySystem } from '../noop/memory-system.ts';
import { noopPlan, noopRedis } from '../noop/noop-plans.ts';
import { plannedFault } from '../plan/planned-fault.ts';
import type { SmallApp } from '../servers/small-app.ts';
import { overlay } from '../whole/overlay.ts';

export interface FaultWorld {
  readonly plan: Plan;
  readonly fault: PlannedFault;
  readonly system: MemorySystem;
}

interface Around {
  readonly clock: Clock;
  readonly app: SmallApp;
  /** A real link to the app, of its own for each world. */
  readonly link: Link;
}

interface Scene {
  /** What is seen takes the time that it takes. */
  readonly onRealLink: boolean;
  readonly make: (around: Around) => FaultWorld;
}

const DATABASE = { node: 'east/postgres' };
const STANDBY = { node: 'west/postgres' };
const APP = { node: 'east/app-1' };
const LINK = { link: 'clients-east' };
const BETWEEN = { link: 'east-west' };
const MIB = 2 ** 20;

/** The fault in a system in memory, with some things in it that are not in any. */
function inMemory(
  fault: PlannedFault,
  arrange: (system: MemorySystem, around: Around) => void = () => {},
  changes: Partial<Plan> = {},
): Scene {
  const make = (around: Around): FaultWorld => {
    const plan = noopPlan('warm-standby', { faults: [fault], ...changes });
    const system = new MemorySystem(plan, { clock: around.clock });
    arrange(system, around);
    return { plan, fault, system };
  };
  return { make, onRealLink: false };
}

/** What is done to the real link is done only where deeds have an effect. */
function realLink({ deeds }: MemorySystem, link: Link): Link {
  const heeding = <U extends Undoable>(own: U): U => {
    return { ...own, act: async () => (deeds.haveEffect ? await own.act() : undefined) };
  };
  return overlay(link, {
    disturb: (toxics) => heeding(link.disturb(toxics)),
    refuse: () => heeding(link.refuse()),
  });
}

function onLink(fault: PlannedFault): Scene {
  const { make } = inMemory(fault, (system, { link }) => {
    const real = realLink(system, link);
    Object.assign(system, { link: () => real });
  });
  return { make, onRealLink: true };
}

/** The edge of the region is a real link, which no health check holds to be lost too soon. */
function onEdge(fault: PlannedFault): Scene {
  const gslb = { every_ms: 500, timeout_ms: 500, failures: 3, ttl_s: 1 };
  const { make } = inMemory(
    fault,
    (system, { link }) => {
      Object.assign(system.region('east'), { edge: realLink(system, link) });
    },
    { gslb },
  );
  return { make, onRealLink: true };
}

/** One app instance that is reached at its own port, and can be disturbed there. */
function onApp(fault: PlannedFault): Scene {
  return inMemory(fault, (system, { app }) => {
    const east = system.region('east');
    const [server] = east.nodes();
    const node: NodeState = { ...server!, ...APP, kind: 'app', ...app.at };
    east.nodes = () => [node];
    system.disturbApp = (_, how) =>
      undoable(system.deeds, 'disturb the app', (isOn) => {
        app.disturbance = isOn ? how : { errors: 0, delay_ms: 0 };
      });
  });
}

function withRows(system: MemorySystem): void {
  for (const rows of system.region('east').rows.values()) {
    for (let sequence = 1; sequence <= 10; sequence++) rows.write(1, sequence, 'x');
  }
}

function withDisk(system: MemorySystem): void {
  const size_bytes = 512 * MIB;
  let free_bytes = 400 * MIB;
  const diskOf = () => ({
    look: (bytes: number) =>
      Promise.resolve({ size_bytes, free_bytes, refuses: free_bytes < bytes, by: 'a neighbour' }),
    fill: (free: number) =>
      undoable(system.deeds, 'fill the disk', (isOn) => {
        free_bytes = isOn ? free * size_bytes : 400 * MIB;
      }),
  });
  Object.assign(system.region('east'), { diskOf });
}

function withMemory(system: MemorySystem): void {
  const [held_bytes, usual_bytes] = [90 * MIB, 1_000 * MIB];
  let limit_bytes = usual_bytes;
  const memoryOf = () => ({
    look: () =>
      Promise.resolve({ used: { held_bytes, limit_bytes }, usual_bytes, hasKilled: false }),
    squeeze: (share: number) =>
      undoable(system.deeds, 'squeeze the memory', (isOn) => {
        limit_bytes = isOn ? held_bytes / share : usual_bytes;
      }),
  });
  Object.assign(system.region('east'), { memoryOf });
}

/** What is proved of it is that there is somewhere to go, which no deed of it brings about. */
function withoutStandby(system: MemorySystem): void {
  Object.defineProperty(system.region('east'), 'follows', {
    get: () => (system.deeds.haveEffect ? { state: 'streaming', lag_bytes: 0 } : null),
  });
}

/** Nobody follows the primary, so that commits wait. */
function withoutFollower(system: MemorySystem): void {
  system.region('east').follows = null;
}

const OWN_COMMAND = plannedFault('command', {
  title: 'break it',
  run: ['break-it'],
  undo: ['mend-it'],
  arm: null,
  disarm: null,
  seen: { by: 'command', command: ['is-it-broken'] },
  takes_at_most_ms: 300,
  starts: 'call',
});

/** Somebody's own, in which one command breaks something and another one looks. */
function withCommands(system: MemorySystem): void {
  let isBroken = false;
  const run = async ([program = '']: readonly string[]) => {
    await system.deeds.do(program);
    if (program === 'is-it-broken') {
      if (!isBroken) throw new CommandFailed([program], 'exit code 1', 1);
    } else if (system.deeds.haveEffect) isBroken = program === 'break-it';
  };
  const nobody = () => Promise.reject(new Error('nobody asks in this test'));
  const picture = { picture: () => [], takingWrites: () => [], until: nobody, haveRow: nobody };
  const placeOf = () => ({ host: '', port: 0, database: null });
  const looks: Pick<OwnSystem, 'bites'> = { bites: (fault) => bites(fault, { placeOf, run }) };
  Object.assign(system, { own: { run, ...looks, ...picture } });
}

const BRIEF = { heal_after_ms: 400 };

/** Each way of a fault whose proofs differ. */
export const FAULT_WORLDS: { readonly [K in SystemKind]: Readonly<Record<string, Scene>> } = {
  'lose-region': {
    kill: inMemory(plannedFault('lose-region', { how: 'kill', disks: 'kept' })),
    freeze: inMemory(plannedFault('lose-region', { how: 'freeze', disks: 'kept' })),
    partition: inMemory(plannedFault('lose-region', { how: 'partition', disks: 'kept' })),
  },
  'lose-network': {
    clients: onEdge(plannedFault('lose-network', { of: 'clients' })),
    replication: inMemory(plannedFault('lose-network', { of: 'replication' })),
    both: inMemory(plannedFault('lose-network', { of: 'both' })),
  },
  maintenance: { move: inMemory(plannedFault('maintenance', {}), withoutStandby) },
  'corrupt-data': {
    delete: inMemory(plannedFault('corrupt-data', { statement: 'delete', share: 0.5 }), withRows),
  },
  'corrupt-page': { page: inMemory(plannedFault('corrupt-page', DATABASE)) },
  'break-archive': { archive: inMemory(plannedFault('break-archive', {})) },
  'stop-replication': {
    postgres: inMemory(plannedFault('stop-replication', STANDBY)),
    redis: inMemory(plannedFault('stop-replication', { node: 'west/redis' }), withRows, {
      redis: noopRedis,
    }),
  },
  'pause-replay': { postgres: inMemory(plannedFault('pause-replay', STANDBY)) },
  'cancel-sync-wait': {
    postgres: inMemory(plannedFault('cancel-sync-wait', DATABASE), withoutFollower),
  },
  'exhaust-connections': {
    postgres: inMemory(plannedFault('exhaust-connections', { ...DATABASE, leaves: 2 })),
  },
  'lock-table': {
    'access exclusive': inMemory(
      plannedFault('lock-table', { ...DATABASE, mode: 'access-exclusive' }),
    ),
    exclusive: inMemory(plannedFault('lock-table', { ...DATABASE, mode: 'exclusive' })),
  },
  flush: {
    redis: inMemory(plannedFault('flush', { node: 'east/redis' }), withRows, { redis: noopRedis }),
  },
  partition: {
    'edge link': onLink(plannedFault('partition', LINK)),
    'one way': onLink(plannedFault('partition', { ...LINK, from: 'east' }, BRIEF)),
    'between regions': inMemory(plannedFault('partition', BETWEEN)),
  },
  blackhole: { 'edge link': onLink(plannedFault('blackhole', LINK)) },
  refuse: { 'edge link': onLink(plannedFault('refuse', LINK)) },
  latency: {
    'edge link': onLink(plannedFault('latency', { ...LINK, latency_ms: 400 })),
    'between regions': inMemory(plannedFault('latency', { ...BETWEEN, latency_ms: 400 })),
  },
  bandwidth: {
    'edge link': onLink(plannedFault('bandwidth', { ...LINK, bytes_per_s: 100_000 }, BRIEF)),
  },
  'slow-close': { 'edge link': onLink(plannedFault('slow-close', { ...LINK, delay_ms: 400 })) },
  'reset-connections': {
    'edge link': onLink(plannedFault('reset-connections', { ...LINK, after_ms: 40 })),
  },
  'limit-data': { 'edge link': onLink(plannedFault('limit-data', { ...LINK, bytes: 40_000 })) },
  flaky: { 'edge link': onLink(plannedFault('flaky', { ...LINK, share: 0.4 })) },
  'kill-node': { database: inMemory(plannedFault('kill-node', DATABASE, BRIEF)) },
  'stop-node': { database: inMemory(plannedFault('stop-node', DATABASE, BRIEF)) },
  'restart-node': {
    stop: inMemory(plannedFault('restart-node', { ...DATABASE, how: 'stop' })),
    kill: inMemory(plannedFault('restart-node', { ...DATABASE, how: 'kill' })),
  },
  'freeze-node': { database: inMemory(plannedFault('freeze-node', DATABASE, BRIEF)) },
  'crash-loop': { database: inMemory(plannedFault('crash-loop', { ...DATABASE, every_ms: 300 })) },
  'stress-cpu': { database: inMemory(plannedFault('stress-cpu', { ...DATABASE, leaves: 0.2 })) },
  'stress-memory': {
    database: inMemory(plannedFault('stress-memory', { ...DATABASE, share: 0.9 }), withMemory),
  },
  'fill-disk': {
    'to the end': inMemory(plannedFault('fill-disk', { ...DATABASE, free: 0 }), withDisk),
    'a part': inMemory(plannedFault('fill-disk', { ...DATABASE, free: 0.1 }), withDisk),
  },
  'app-errors': { app: onApp(plannedFault('app-errors', { ...APP, share: 0.5 })) },
  'app-slow': { app: onApp(plannedFault('app-slow', { ...APP, by_ms: 60 })) },
  'lose-gslb': { gslb: inMemory(plannedFault('lose-gslb', { node: 'gslb' })) },
  'stale-dns': { gslb: inMemory(plannedFault('stale-dns', { node: 'gslb' })) },
  command: { command: inMemory(OWN_COMMAND, withCommands) },
};
