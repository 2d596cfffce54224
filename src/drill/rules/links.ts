// Whether what crosses a link and back can do so in time: a commit that waits, a check, a request.
import { formatDuration, writeRate } from '../../base/units.ts';
import { replicationEnds } from '../plan/disaster.ts';
import { instancesOf, replicationDelay } from '../plan/make-plan.ts';
import { APP_CONNECTIONS, edgeLink, roundTripMs } from '../plan/plan.ts';
import type { Drill } from '../file/schema.ts';
import { error, rule, type Problem } from './rule.ts';
import { STRATEGY_FACTS } from '../plan/strategies.ts';
import type { Path } from '../file/yaml-source.ts';

const TIMEOUT: Path = ['workload', 'timeout'];
const COMMITS = ['topology', 'workload'];

export const linkRules = [
  rule('commit-fits-timeout', COMMITS, commitFitsTimeout),
  rule('commits-fit-connections', COMMITS, commitsFitConnections),
  rule('edges-fit-timeouts', ['topology', 'workload'], edgesFitTimeouts),
];

function latencyOf(link: string): Path {
  return ['topology', 'links', link, 'latency'];
}

/** What makes a commit wait for the other region; null: nothing does. */
function waitOfCommits({ topology }: Drill): { readonly at: Path; readonly words: string } | null {
  const { database, hasBackups } = STRATEGY_FACTS[topology.strategy];
  if (hasBackups && topology.backup?.wal === 'receive-sync') {
    return { at: ['topology', 'backup', 'wal'], words: 'wal: receive-sync' };
  }
  if (database !== 'standby' || topology.replication.mode !== 'sync') return null;
  return { at: ['topology', 'replication', 'mode'], words: 'mode: sync' };
}

/** A commit that waits for the other region is answered after a round trip between the two. */
function commitFitsTimeout(drill: Drill): Problem[] {
  const wait = waitOfCommits(drill);
  const link = replicationDelay(drill);
  const trip = roundTripMs(link);
  const { timeout } = drill.workload;
  if (wait === null || trip < timeout) return [];
  const message =
    `with ${wait.words} no write would be acknowledged: a round trip over ${link.name} takes up ` +
    `to ${formatDuration(trip)}, and clients wait ${formatDuration(timeout)}; raise ` +
    'workload.timeout, or lower the latency of the link';
  return [error([latencyOf(link.name), TIMEOUT, wait.at], message)];
}

/** Each connection of the app takes one commit at a time, and so many a second at most. */
function commitsFitConnections(drill: Drill): Problem[] {
  const wait = waitOfCommits(drill);
  const [from] = replicationEnds(drill);
  const region = drill.topology.regions[from];
  const { via, rate, reads, timeout } = drill.workload;
  if (wait === null || via === 'sql' || region === undefined) return [];
  const instances = instancesOf(region, drill.topology.strategy);
  const link = replicationDelay(drill);
  const trip = roundTripMs(link);
  const writes = rate * (1 - reads);
  const most = (instances * APP_CONNECTIONS * 1_000) / trip;
  // That not one commit is done in time is said above.
  if (most >= writes || trip >= timeout) return [];
  const message =
    `with ${wait.words} region ${from} commits ${writeRate(Math.floor(most))} at most, too few ` +
    `for ${writeRate(writes)}: ${instances} × ${APP_CONNECTIONS} connections, each taken for a ` +
    `round trip over ${link.name} of up to ${formatDuration(trip)}; there would be no steady state`;
  const app = ['topology', 'regions', from, 'app', 'instances'];
  const at = [['workload', 'rate'], latencyOf(link.name), app, wait.at];
  return [error(at, message)];
}

/** Health checks and requests go through a region's edge link, and so do their answers. */
function edgesFitTimeouts({ topology, workload }: Drill): Problem[] {
  return Object.keys(topology.regions).flatMap((region): Problem[] => {
    const name = edgeLink(region);
    const link = topology.links[name];
    if (link === undefined) return [];
    const trip = roundTripMs({ latency_ms: link.latency, jitter_ms: link.jitter });
    const takes = `a round trip over ${name} takes up to ${formatDuration(trip)}`;
    const tooLate = (limit: Path, ms: number, whose: string, cure: string): Problem[] => {
      if (trip < ms) return [];
      const message = `${takes}, and ${whose} ${formatDuration(ms)}; ${cure}`;
      return [error([latencyOf(name), limit], message)];
    };
    const { timeout } = topology.gslb;
    const down = `region ${region} would never be healthy: raise topology.gslb.timeout`;
    const unserved = 'no request would be answered in time: raise workload.timeout';
    return [
      ...tooLate(['topology', 'gslb', 'timeout'], timeout, 'a health check waits', down),
      ...tooLate(TIMEOUT, workload.timeout, 'clients wait', unserved),
    ];
  });
}
