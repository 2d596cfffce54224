// What a phase of the recovery went into, in words, by one rule in every report.
import { formatDuration } from '../../base/units.ts';
import type { PhaseCause } from '../../drill/cause.ts';
import { count, formatBytes, formatCount } from '../../screen/text.ts';
import type { ResultRecovery } from '../../verdict/result.ts';

export const NOT_KNOWN = 'not known from the evidence';

/** So much of a phase is all of it, for people. */
const NEARLY_ALL = 0.9;

/**
 * The largest cause of a phase: `the last of 16 clients kept its old DNS answer until 541 ms after
 * the answers had moved, ttl 1 s`; where it is not nearly all of the phase, how much. Empty where
 * there is nothing to explain, and in a result of before causes were looked for.
 */
export function causeOfPhase({ causes, phases }: ResultRecovery, phase: string): string {
  const ms = phases.find(({ name }) => name === phase)?.ms ?? null;
  if (causes === undefined || ms === null || ms === 0) return '';
  const cause = causes.find((each) => each.phase === phase);
  if (cause === undefined) return NOT_KNOWN;
  const words = causeWords(cause);
  return cause.ms >= NEARLY_ALL * ms ? words : `${formatDuration(cause.ms)} of it: ${words}`;
}

export function causeWords(cause: PhaseCause): string {
  switch (cause.kind) {
    case 'health-checks': {
      const { failures, every_ms, first_ms, timeout_ms } = cause;
      const wait = timeout_ms === 0 ? '' : `, each of which waits ${formatDuration(timeout_ms)}`;
      const row = failures === 1 ? 'one failed check' : `${failures} failed checks in a row`;
      return (
        `${row}, one every ${formatDuration(every_ms)}${wait}; ` +
        `the first began ${formatDuration(first_ms)} after the fault`
      );
    }
    case 'gslb-lost':
      return `the GSLB stood still until ${formatDuration(cause.until_ms)} after the fault`;
    case 'fault-injection':
      return 'what injects the fault had to end first';
    case 'declared-by-drill':
    case 'declared-after':
    case 'declared-by-operator':
    case 'declared-by-command':
    case 'declared-late':
      return declaredWords(cause);
    case 'step':
      return isSplit(cause.phase)
        ? `what else the step "${cause.step}" does`
        : `the step "${cause.step}"`;
    case 'step-tries':
      return `the step "${cause.step}", tried ${count(cause.tries, 'time')}`;
    case 'fence':
      return `what was left was killed and cut off, and ${count(cause.checks, 'check')} proved it`;
    case 'promotion':
      return promotionWords(cause);
    case 'backup-copy':
      return `the copy of the base backup${sizeWords(cause.bytes)}`;
    case 'backup-check':
      return `the check of the base backup against its manifest${sizeWords(cause.bytes)}`;
    case 'log-replay':
      return 'the replay of the log after the base backup';
    case 'app-start':
      return `the start of ${cause.node}`;
    case 'app-ready':
      return readyWords(cause);
    case 'no-question':
      return (
        `no client asked DNS: each of ${cause.clients} asks again when its answer is ` +
        `${formatDuration(cause.ttl_ms)} old`
      );
    case 'stale-answers':
      return 'DNS went on answering as before (stale-dns)';
    case 'dns-cache':
      return cacheWords(cause);
    case 'errors':
      return `${cause.region} answered ${count(cause.operations, 'request')} with an error`;
    case 'slow-answers': {
      const { region, operations, within_ms } = cause;
      const slower = `slower than ${formatDuration(within_ms)}`;
      return `${region} answered ${count(operations, 'request')} ${slower}`;
    }
    case 'hung-requests': {
      const { operations, timeout_ms } = cause;
      const until = `until the timeout of ${formatDuration(timeout_ms)}`;
      return `${count(operations, 'request')} of clients that had moved hung ${until}`;
    }
    case 'unsent':
      return `${count(cause.operations, 'request')} had no free place, or no answer from DNS`;
    case 'next-answer':
      return 'nothing failed any more: the wait for the next answer';
    case 'service-back':
      return 'service was back before';
  }
}

type Declared = Extract<PhaseCause, { kind: `declared-${string}` }>;

function declaredWords(cause: Declared): string {
  switch (cause.kind) {
    case 'declared-by-drill':
      return 'drill declared it by itself, without a person';
    case 'declared-after':
      return `the drill file waits ${formatDuration(cause.after_ms)} (declare: after)`;
    case 'declared-by-operator':
      return 'a person decided (declare: operator)';
    case 'declared-by-command':
      return 'the command decided (declare: command)';
    case 'declared-late': {
      const late = formatDuration(cause.by_ms);
      return `the operators declared it ${late} after it was decided (delay-declaration)`;
    }
  }
}

function readyWords({ instances, region }: Extract<PhaseCause, { kind: 'app-ready' }>): string {
  const apps = count(instances, 'app instance');
  return `until ${apps} in ${region} saw that the database takes writes`;
}

/** Phases whose steps have parts that are told by themselves. */
function isSplit(phase: string): boolean {
  return phase === 'promote' || phase === 'restore';
}

function promotionWords({
  node,
  asked,
  replay_bytes,
}: Extract<PhaseCause, { kind: 'promotion' }>): string {
  const left = replay_bytes === null ? '' : `, with ${formatBytes(replay_bytes)} of log to replay`;
  const from = asked > 1 ? `the first of ${asked} requests` : 'the request';
  return `the promotion of ${node}, from ${from} to its first write${left}`;
}

function cacheWords(cause: Extract<PhaseCause, { kind: 'dns-cache' }>): string {
  const { phase, clients, still, held_ms, ttl_ms, hung, operations } = cause;
  const ttl = `ttl ${formatDuration(ttl_ms)}`;
  const all = hung === operations ? 'its' : `${formatCount(hung)} of the`;
  const waits = hung === 0 ? '' : `; ${all} requests hung until their timeout`;
  if (phase === 'reconnect') {
    const went = `${count(operations, 'request')} still went by an old DNS answer`;
    return `no client had asked DNS again: ${went}, ${ttl}${waits}`;
  }
  if (still > 0) {
    const left = `${formatCount(still)} of ${formatCount(clients)} even longer`;
    const until = `until ${formatDuration(held_ms)} after the answers had moved`;
    return `clients kept their old DNS answers ${until} (${left}), ${ttl}${waits}`;
  }
  const who = clients === 1 ? 'the only client' : `the last of ${formatCount(clients)} clients`;
  const held = `${formatDuration(held_ms)} after the answers had moved`;
  return `${who} kept its old DNS answer until ${held}, ${ttl}${waits}`;
}

function sizeWords(bytes: number | null): string {
  return bytes === null ? '' : `, ${formatBytes(bytes)}`;
}
