// Whether what crosses a link and back can do so in time: a commit that waits, a check, a request.
import { formatDuration, writeRate } from '../../base/units.ts';
import { inOrder, replicationEnds } from '../plan/disaster.ts';
import { instancesOf, replicationDelay } from '../plan/make-plan.ts';
import { APP_CONNECTIONS } from '../plan/limits.ts';
import { edgeLink, roundTripMs } from '../plan/plan.ts';
import type { Drill } from '../file/schema.ts';
import { error, rule, warning, type Problem } from './rule.ts';
import { STRATEGY_FACTS } from '../plan/strategies.ts';
import type { Path } from '../file/yaml-source.ts';

const TIMEOUT: Path = ['workload', 'timeout'];
const COMMITS = ['topology', 'workload'];

export const linkRules = [
  rule('commit-fits-timeout', COMMITS, commitFitsTimeout),
  rule('commits-fit-connections', COMMITS, commitsFitConnections),
  rule('faults-after-replies', ['topology', 'workload', 'faults'], faultsAfterReplies),
  rule('logins-fit-timeout', ['topology', 'workload'], loginsFitTimeout),
  rule('checks-fit-timeout', ['topology'], checksFitTimeout),
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

/** The longest way of a write from a client and back, and over which edge link; null: no region. */
export function slowestReply(drill: Drill): { readonly name: string; readonly ms: number } | null {
  const wait = waitOfCommits(drill) === null ? 0 : roundTripMs(replicationDelay(drill));
  const active = Object.entries(drill.topology.regions).filter(([, { role }]) => role === 'active');
  const replies = active.map(([region]) => {
    return { name: edgeLink(region), ms: edgeTripMs(drill, region) + wait };
  });
  return replies.toSorted((one, other) => other.ms - one.ms)[0] ?? null;
}

/** What has no answer yet when the first fault comes says nothing of the state before it. */
function faultsAfterReplies(drill: Drill): Problem[] {
  const [first] = inOrder(drill.faults).filter(({ fault }) => !fault.at.beforehand);
  const slowest = slowestReply(drill);
  if (first === undefined || slowest === null) return [];
  if (first.fault.at.from_ms >= slowest.ms) return [];
  const message =
    `sooner than a reply over ${slowest.name} (up to ${formatDuration(slowest.ms)}): what is ` +
    'under way then does not count for the steady state; let it come later';
  return [warning(['faults', first.index, 'at'], message)];
}

/** Zero where the link has no delay. */
function edgeTripMs({ topology }: Drill, region: string): number {
  const link = topology.links[edgeLink(region)];
  return link === undefined ? 0 : roundTripMs({ latency_ms: link.latency, jitter_ms: link.jitter });
}

/** PostgreSQL asks for the user, the password and its proof; then comes the first insert. */
const LOGIN_TRIPS = 4;
/** For the work of a login (a process for it, and its password), on a busy machine. */
const LOGIN_WORK_MS = 50;

/** With via: sql the time limit of an operation is that of the login before it, too. */
function loginsFitTimeout(drill: Drill): Problem[] {
  const { workload, topology } = drill;
  if (workload.via === 'http') return [];
  // Regions without a delay of their own need it said once.
  const delayed = Object.keys(topology.regions).filter((region) => edgeTripMs(drill, region) > 0);
  const regions = delayed.length === 0 ? Object.keys(topology.regions).slice(0, 1) : delayed;
  return regions.flatMap((region): Problem[] => {
    const trip = edgeTripMs(drill, region);
    const takes = LOGIN_TRIPS * trip + LOGIN_WORK_MS;
    // That not one answer comes in time is said for each link.
    if (takes <= workload.timeout || (trip > 0 && trip >= workload.timeout)) return [];
    const isNever = LOGIN_TRIPS * trip >= workload.timeout;
    const over = trip === 0 ? '' : `${LOGIN_TRIPS} round trips over ${edgeLink(region)} and `;
    const message =
      `with via: sql a client logs in before its first insert: ${over}up to ` +
      `${formatDuration(LOGIN_WORK_MS)} of work, ${formatDuration(takes)} in all, and it waits ` +
      `${formatDuration(workload.timeout)}; ` +
      (isNever ? 'no login would be done in time: raise' : 'on a busy machine none may be: raise');
    const at = [TIMEOUT, latencyOf(edgeLink(region))];
    return [(isNever ? error : warning)(at, `${message} workload.timeout`)];
  });
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

/** A health check asks an app, which asks its database, on a busy machine. */
const CHECK_WORK_MS = 20;

/** A check that only just ends in time calls a healthy region dead. */
function checksFitTimeout(drill: Drill): Problem[] {
  const { timeout } = drill.topology.gslb;
  return Object.keys(drill.topology.regions).flatMap((region): Problem[] => {
    const trip = edgeTripMs(drill, region);
    const takes = trip + CHECK_WORK_MS;
    // What can never be in time is said for each link.
    if (takes <= timeout || trip >= timeout) return [];
    const over = trip === 0 ? '' : `a round trip over ${edgeLink(region)} and `;
    const message =
      `a health check of region ${region} takes ${over}up to ${formatDuration(CHECK_WORK_MS)} of ` +
      `work, ${formatDuration(takes)} in all, and waits ${formatDuration(timeout)}: on a busy ` +
      'machine a healthy region looks down';
    return [warning(['topology', 'gslb', 'timeout'], message)];
  });
}

/** Health checks and requests go through a region's edge link, and so do their answers. */
function edgesFitTimeouts(drill: Drill): Problem[] {
  const { topology, workload } = drill;
  return Object.keys(topology.regions).flatMap((region): Problem[] => {
    const name = edgeLink(region);
    if (topology.links[name] === undefined) return [];
    const trip = edgeTripMs(drill, region);
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
