// What it takes to break each kind of thing, by its kind in the drill file.
import { type System } from '../topology/system/system.ts';
import type { SystemKind } from '../drill/fault/registry.ts';
import type { AnyFault, Fault } from './fault.ts';
import { appErrors } from './app/app-errors.ts';
import { appSlow } from './app/app-slow.ts';
import { breakArchive } from './break-archive.ts';
import { command } from './command.ts';
import { corruptData } from './corrupt-data.ts';
import { loseGslb } from './gslb/lose-gslb.ts';
import { staleDns } from './gslb/stale-dns.ts';
import { bandwidth } from './link/bandwidth.ts';
import { blackhole } from './link/blackhole.ts';
import { flaky } from './link/flaky.ts';
import { latency } from './link/latency.ts';
import { limitData } from './link/limit-data.ts';
import { partition } from './link/partition.ts';
import { refuse } from './link/refuse.ts';
import { resetConnections } from './link/reset-connections.ts';
import { slowClose } from './link/slow-close.ts';
import { loseNetwork } from './lose-network.ts';
import { loseRegion } from './lose-region.ts';
import { maintenance } from './maintenance.ts';
import { crashLoop } from './node/crash-loop.ts';
import { fillDisk } from './node/fill-disk.ts';
import { freezeNode } from './node/freeze-node.ts';
import { killNode } from './node/kill-node.ts';
import { restartNode } from './node/restart-node.ts';
import { stopNode } from './node/stop-node.ts';
import { stressCpu } from './node/stress-cpu.ts';
import { stressMemory } from './node/stress-memory.ts';
import { cancelSyncWait } from './store/cancel-sync-wait.ts';
import { corruptPage } from './store/corrupt-page.ts';
import { exhaustConnections } from './store/exhaust-connections.ts';
import { flush } from './store/flush.ts';
import { lockTable } from './store/lock-table.ts';
import { pauseReplay } from './store/pause-replay.ts';
import { stopReplication } from './store/stop-replication.ts';

/** What is done on the operators is the engine's (`engine/recovery/operators.ts`). */
type ByKind = {
  readonly [K in SystemKind]: K extends 'command' ? Fault<K, System> : Fault<K>;
};

const byKind: ByKind = {
  'lose-region': loseRegion,
  'lose-network': loseNetwork,
  maintenance,
  'corrupt-data': corruptData,
  'corrupt-page': corruptPage,
  'break-archive': breakArchive,
  'stop-replication': stopReplication,
  'pause-replay': pauseReplay,
  'cancel-sync-wait': cancelSyncWait,
  'exhaust-connections': exhaustConnections,
  'lock-table': lockTable,
  flush,
  partition,
  blackhole,
  refuse,
  latency,
  bandwidth,
  'slow-close': slowClose,
  'reset-connections': resetConnections,
  'limit-data': limitData,
  flaky,
  'kill-node': killNode,
  'stop-node': stopNode,
  'restart-node': restartNode,
  'freeze-node': freezeNode,
  'crash-loop': crashLoop,
  'stress-cpu': stressCpu,
  'stress-memory': stressMemory,
  'fill-disk': fillDisk,
  'app-errors': appErrors,
  'app-slow': appSlow,
  'lose-gslb': loseGslb,
  'stale-dns': staleDns,
  command,
};

export const faults: readonly AnyFault[] = Object.values(byKind);
