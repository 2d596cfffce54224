// Whether the targets of a drill file can be measured and met with what else it says.
import { formatDuration } from '../../base/units.ts';
import type { Drill } from '../file/schema.ts';
import type { Path } from '../file/yaml-source.ts';
import { deadlineMs } from '../plan/deadline.ts';
import { disasterOf } from '../plan/disaster.ts';
import { ARCHIVE_TIMEOUT_S, cartsPerSecond, replicationDelay } from '../plan/make-plan.ts';
import { unseenMs } from '../plan/plan.ts';
import { STRATEGY_FACTS } from '../plan/strategies.ts';
import { waitsOf } from './faults.ts';
import { error, ofDisasters, rule, warning, type Problem } from './rule.ts';

/** What the waits of a recovery follow from. */
const SEEN_BY = ['sustain', 'workload', 'topology.redis'];
const WAITS = [
  ...['faults.*.kind', 'faults.*.link', 'faults.*.disaster', 'faults.*.at', 'faults.*.for'],
  ...['faults.*.by', 'faults.*.noticed_after'],
  ...['topology.gslb', 'topology.strategy', 'declare'],
];

export const targetRules = [
  rule('failback-target', ['targets.failback_rto', 'failback'], failbackTarget),
  ...ofDisasters([
    rule('deadline-after-target', ['recover', 'targets.rto'], deadlineAfterTarget),
    rule(
      'recovery-is-possible',
      [...WAITS, 'recover', 'targets.rto', 'sustain'],
      recoveryIsPossible,
    ),
    rule('target-is-possible', [...WAITS, 'targets'], targetIsPossible),
    rule('target-can-be-seen', [...SEEN_BY, 'targets.rto'], targetCanBeSeen),
    rule('zero-loss-needs-sync', ['targets', 'topology', 'faults'], zeroLossNeedsSync),
    rule(
      'loss-target-is-possible',
      ['targets', 'topology', 'faults', 'workload'],
      lossTargetIsPossible,
    ),
  ]),
];

function failbackTarget({ targets, failback }: Drill): Problem[] {
  if (targets.failback_rto === undefined || failback) return [];
  return [error(['targets', 'failback_rto'], 'without failback: true there is none')];
}

function deadlineAfterTarget(drill: Drill): Problem[] {
  const { deadline } = drill.recover;
  const { rto = 0 } = drill.targets;
  if (deadline === undefined || deadline >= rto) return [];
  const target = formatDuration(rto);
  const message = `the deadline ends the measurement before the target of ${target} is reached`;
  return [error(['recover', 'deadline'], message)];
}

function targetCanBeSeen(drill: Drill): Problem[] {
  const { targets, sustain, workload, topology } = drill;
  const unseen_ms = unseenMs({
    sustain: { for_ms: sustain.for, success: sustain.success },
    rates_per_s: [workload.rate, ...(topology.redis === undefined ? [] : [cartsPerSecond(drill)])],
  });
  if (targets.rto! >= unseen_ms) return [];
  const message =
    `an outage of up to ${formatDuration(unseen_ms)} can stay unseen, so that no run can show ` +
    'that it was shorter; raise sustain.success or workload.rate, or the target';
  return [warning(['targets', 'rto'], message)];
}

function recoveryIsPossible(drill: Drill): Problem[] {
  const waits = waitsOf(drill);
  const { declared_ms, mistaken_ms, moved_ms } = waits;
  const deadline = deadlineMs(drill);
  if (declared_ms + mistaken_ms + moved_ms < deadline) return [];
  const isDeclared = declared_ms < deadline;
  const takes = isDeclared ? withAnswers(drill, declared_ms) : beforeDeclared(declared_ms);
  const end = `the deadline is ${formatDuration(deadline)} after the disaster`;
  const at = [
    ...(isDeclared && mistaken_ms === 0 ? [['topology', 'gslb', 'ttl']] : []),
    ...[['declare'], ['recover', 'deadline'], ['topology', 'gslb', 'every'], ['targets', 'rto']],
  ];
  const message = `nothing can be measured: ${takes}, and ${end}`;
  return [error(at, message)];
}

function beforeDeclared(declared_ms: number): string {
  return `detection and declaration alone can take ${formatDuration(declared_ms)}`;
}

function withAnswers(drill: Drill, declared_ms: number): string {
  const { mistaken_ms, moved_ms } = waitsOf(drill);
  const before_ms = declared_ms + mistaken_ms;
  if (before_ms === 0) {
    return `the DNS answers that clients keep can last ${formatDuration(moved_ms)}`;
  }
  const ttl_ms = 1_000 * drill.topology.gslb.ttl;
  const stale = moved_ms > ttl_ms ? 'stale-dns, ' : '';
  const answers = `the DNS answers that clients keep (${stale}ttl: ${formatDuration(ttl_ms)})`;
  const mistake = mistaken_ms === 0 ? '' : ', the failover to the wrong region';
  const sum = formatDuration(before_ms + moved_ms);
  return `detection, declaration${mistake} and ${answers} can take ${sum}`;
}

function targetIsPossible(drill: Drill): Problem[] {
  const { rto = 0, rto_from } = drill.targets;
  const { mistaken_ms, moved_ms, ...waits } = waitsOf(drill);
  const declared_ms = rto_from === 'declaration' ? 0 : waits.declared_ms;
  if (rto >= declared_ms + mistaken_ms + moved_ms) return [];
  const takes = rto < declared_ms ? beforeDeclared(declared_ms) : withAnswers(drill, declared_ms);
  const message = `${takes}, longer than the target; expect this drill to fail`;
  return [warning(['targets', 'rto'], message)];
}

function zeroLossNeedsSync(drill: Drill): Problem[] {
  const behind = behindOf(drill);
  if (behind === null) return [];
  const { mode, left, cure } = behind;
  const message = `zero loss with ${mode} is luck: what was not ${left} yet is lost; ${cure}`;
  return atZeroLoss(drill.targets, ['targets'], message);
}

/** The same as of the RTO: what the waits of the drill make too long for the target. */
function lossTargetIsPossible(drill: Drill): Problem[] {
  const behind = behindOf(drill);
  if (behind === null) return [];
  const { rate, reads } = drill.workload;
  return atShortLoss(drill.targets, ['targets'], { ...behind, rate_per_s: rate * (1 - reads) });
}

/** How far what the second region has can be behind what was acknowledged. */
interface Behind {
  /** What makes it so, in the words of the file. */
  readonly mode: string;
  /** At the worst, and at any moment. */
  readonly ms: number;
  readonly least_ms: number;
  readonly why: string;
  /** What makes it lose nothing. */
  readonly cure: string;
}

/** Null where nothing that was acknowledged is lost. */
function behindOf(drill: Drill): (Behind & { readonly left: string }) | null {
  const { topology } = drill;
  const { effect, fault } = disasterOf(drill);
  // Nothing is under way to be lost where nothing is torn away. A node whose region has to be left
  // is fenced.
  if (effect.region === 'untouched' && fault.node === undefined) return null;
  const { hasBackups, second } = STRATEGY_FACTS[topology.strategy];
  const way = wayBehind(drill);
  if (!hasBackups) {
    if (topology.replication.mode === 'sync') return null;
    const cure =
      second === 'active'
        ? 'with active-active nothing keeps it but a return of the region: failback: true'
        : 'replication: { mode: sync } keeps it';
    return { mode: 'async replication', left: 'replicated', cure, ...way };
  }
  const { wal = 'archive', archive_timeout = ARCHIVE_TIMEOUT_S } = topology.backup ?? {};
  if (wal === 'receive-sync') return null;
  const cure = 'backup: { wal: receive-sync } keeps it';
  const handed = { mode: `wal: ${wal}`, left: 'handed over', cure };
  if (wal === 'receive') return { ...handed, ...way };
  const ms = 1_000 * archive_timeout;
  const why = `the log is handed over every ${formatDuration(ms)} (archive_timeout)`;
  return { ...handed, ms, least_ms: 0, why };
}

/** What is acknowledged before it has crossed the link to the other region. */
export function wayBehind(drill: Drill): Pick<Behind, 'ms' | 'least_ms' | 'why'> {
  const { name, latency_ms, jitter_ms } = replicationDelay(drill);
  const ms = latency_ms + jitter_ms;
  const least_ms = Math.max(0, latency_ms - jitter_ms);
  return {
    ms,
    least_ms,
    why: `a write needs up to ${formatDuration(ms)} for its way over ${name}`,
  };
}

/** The targets for the loss of one store. */
export type LossTargets = Pick<Drill['targets'], 'rpo' | 'lost_writes'>;

/** The warning at the target that asks for zero loss; none where no target does. */
export function atZeroLoss({ rpo, lost_writes }: LossTargets, at: Path, message: string) {
  if (rpo === 0) return [warning([...at, 'rpo'], message)];
  return lost_writes === 0 ? [warning([...at, 'lost_writes'], message)] : [];
}

/** The warning at a target that is shorter than the other region is behind; zero has its own. */
export function atShortLoss(
  { rpo }: LossTargets,
  at: Path,
  { mode, ms, least_ms, why, cure, rate_per_s }: Behind & { readonly rate_per_s: number },
) {
  if (rpo === undefined || rpo === 0 || rpo >= ms) return [];
  const isSure = rpo < least_ms && (rate_per_s * least_ms) / 1000 >= 1;
  const message =
    `with ${mode} ${why}, longer than the target, and what is under way when the region is lost ` +
    `is lost; ${isSure ? 'expect this drill to fail' : 'this drill can fail'}; ${cure}; else ` +
    `raise the target to more than ${formatDuration(ms)}`;
  return [warning([...at, 'rpo'], message)];
}
