// Whether what a drill file says of the second store makes sense, and what is to be expected of it.
import { formatDuration, writePercent, writeRate } from '../../base/units.ts';
import { cartsPerSecond, replicationDelay } from '../plan/make-plan.ts';
import type { Drill } from '../file/schema.ts';
import { error, rule, warning, type Problem } from './rule.ts';
import { tooFewForZero } from './load.ts';
import { atShortLoss, atZeroLoss, wayBehind } from './targets.ts';
import type { Path } from '../file/yaml-source.ts';

const REDIS: Path = ['topology', 'redis'];
const CARTS: Path = ['workload', 'carts'];

export const redisRules = [
  rule('redis-is-there', ['topology.redis', 'targets.redis', 'workload.carts'], redisIsThere),
  rule('carts-go-through-the-app', ['topology.redis', 'workload.via'], cartsGoThroughTheApp),
  rule(
    'wait-fits-link',
    ['topology.redis', 'topology.links', 'topology.regions', 'workload', 'targets'],
    waitFitsLink,
  ),
  rule('zero-loss-needs-wait', ['topology.redis', 'targets.redis'], zeroLossNeedsWait),
  rule(
    'redis-loss-target-is-possible',
    ['topology', 'targets.redis', 'workload'],
    lossTargetIsPossible,
  ),
  rule(
    'enough-carts-for-zero',
    ['topology.redis', 'targets.redis', 'workload'],
    enoughCartsForZero,
  ),
  rule('carts-are-seen', ['topology.redis', 'workload', 'sustain'], cartsAreSeen),
  rule('disk-knows-something', ['topology.redis'], diskKnowsSomething),
  rule('disk-is-written', ['topology.redis', 'faults'], diskIsWritten),
];

/** What is said of Redis in a system that has none. */
function redisIsThere({ topology, targets, workload }: Drill): Problem[] {
  if (topology.redis !== undefined) return [];
  const message = 'this system has no Redis; topology: { redis: {} } adds it';
  return [
    ...(targets.redis === undefined ? [] : [error(['targets', 'redis'], message, 'key')]),
    ...(workload.carts === undefined ? [] : [error(CARTS, message, 'key')]),
  ];
}

function cartsGoThroughTheApp({ topology, workload }: Drill): Problem[] {
  if (topology.redis === undefined || workload.via === 'http') return [];
  const message =
    'via: sql goes around the orders service, which keeps the carts in Redis; ' +
    'use via: http, or leave out topology.redis';
  const at = [['workload', 'via'], REDIS];
  return [error(at, message)];
}

/** WAIT is answered after a round trip between the regions. */
function waitFitsLink(drill: Drill): Problem[] {
  const { redis } = drill.topology;
  if (redis === undefined || redis.wait === 0) return [];
  const { name, latency_ms } = replicationDelay(drill);
  const trip = 2 * latency_ms;
  const takes = `a round trip over ${name} takes ${formatDuration(trip)}`;
  const limit = Math.min(redis.wait_timeout, drill.workload.timeout);
  const isWait = redis.wait_timeout <= drill.workload.timeout;
  if (trip >= limit) {
    const at = [isWait ? [...REDIS, 'wait_timeout'] : ['workload', 'timeout'], [...REDIS, 'wait']];
    const message =
      `with wait: ${redis.wait} no cart write would be acknowledged: ${takes}, ` +
      `and the limit is ${formatDuration(limit)}`;
    return [error(at, message)];
  }
  const { p99_latency } = drill.targets;
  if (p99_latency === undefined || p99_latency > trip) return [];
  const longer = `with wait: ${redis.wait} every cart write takes longer`;
  const message = `${longer}: ${takes}; expect this drill to fail`;
  return [warning(['targets', 'p99_latency'], message)];
}

function zeroLossNeedsWait({ topology: { redis }, targets }: Drill): Problem[] {
  if (redis === undefined || redis.wait > 0) return [];
  const message =
    'zero loss with wait: 0 is luck: what the replica had not received yet is lost. ' +
    'topology.redis.wait: 1 makes a loss unlikely: the one replica, which is promoted, has then ' +
    'received each acknowledged write, in memory; Redis itself promises no more';
  return atZeroLoss(targets.redis ?? {}, ['targets', 'redis'], message);
}

function lossTargetIsPossible(drill: Drill): Problem[] {
  const { targets, topology } = drill;
  if (topology.redis === undefined || topology.redis.wait > 0) return [];
  return atShortLoss(targets.redis ?? {}, ['targets', 'redis'], {
    mode: 'wait: 0',
    cure: 'topology.redis.wait: 1 makes a loss unlikely',
    ...wayBehind(drill),
    rate_per_s: cartsPerSecond(drill),
  });
}

function enoughCartsForZero(drill: Drill): Problem[] {
  const { targets, topology } = drill;
  if (topology.redis === undefined) return [];
  return tooFewForZero(cartsPerSecond(drill), 'cart writes', targets.redis ?? {}, CARTS);
}

/** Service is judged over all operations: too small a share of them may fail unseen. */
function cartsAreSeen(drill: Drill): Problem[] {
  if (drill.topology.redis === undefined) return [];
  const { workload, sustain } = drill;
  const carts = cartsPerSecond(drill);
  const share = carts / (carts + workload.rate);
  const mayFail = 1 - sustain.success;
  if (share > mayFail) return [];
  const message =
    `an outage of Redis alone would not count: ${writeRate(carts)} are no more than the ` +
    `${writePercent(mayFail)} of all operations that may fail (sustain.success)`;
  return [warning([CARTS, ['sustain', 'success']], message)];
}

function diskKnowsSomething({ topology: { redis } }: Drill): Problem[] {
  if (redis?.appendonly !== 'no') return [];
  const message =
    'without an append-only file the disk of the dead Redis knows nothing: ' +
    'its loss is counted, without a second opinion';
  return [warning([...REDIS, 'appendonly'], message)];
}

/** A full disk is met by whoever writes to it. */
function diskIsWritten({ topology: { redis }, faults }: Drill): Problem[] {
  if (redis?.appendonly !== 'no') return [];
  return faults.flatMap(({ kind, node = '' }, index): Problem[] => {
    if (kind !== 'fill-disk' || !node.endsWith('/redis')) return [];
    const message = `with topology.redis.appendonly: no ${node} writes nothing to its disk`;
    return [error(['faults', index, 'node'], message)];
  });
}
