// What a restore drill found, against what its file wants. Pure: the same facts come to the same
// result whenever they are judged.
import { formatDuration } from '../base/units.ts';
import type { RestoreFile } from '../drill/restore/schema.ts';
import type { RestoreFacts, RestoreGate, RestoreResult } from '../evidence/backup/restore-form.ts';

export function judgeRestore(file: RestoreFile, facts: RestoreFacts): RestoreResult {
  const { restored } = facts;
  const restore_ms = restored === null ? null : restored.copy_ms + restored.replay_ms;
  const rpo = rpoOf(file, facts);
  const gates = gatesOf(file, restore_ms, rpo, facts);
  const failed = [
    ...facts.findings.map(({ text }) => text),
    ...reasonsOf(gates, 'fail'),
    ...checksThat(facts, 'failed', 'failed'),
  ];
  const open = [
    ...reasonsOf(gates, 'inconclusive'),
    ...checksThat(facts, 'skipped', 'could not look, which proves nothing'),
  ];
  if (restored === null && failed.length === 0) open.push('nothing was restored');
  const { left = [] } = facts;
  return {
    schema: 'drill.restore/1',
    id: facts.id,
    name: file.name,
    verdict: verdictOf({ failed, left, open }),
    reasons: [...failed, ...open],
    restore_ms,
    rpo,
    gates,
    facts,
    left,
  };
}

/** What is left behind takes nothing from a failure. */
function verdictOf(against: {
  readonly failed: readonly string[];
  readonly left: readonly string[];
  readonly open: readonly string[];
}): RestoreResult['verdict'] {
  if (against.failed.length > 0) return 'fail';
  if (against.left.length > 0) return 'unclean';
  return against.open.length === 0 ? 'pass' : 'inconclusive';
}

function reasonsOf(gates: readonly RestoreGate[], verdict: RestoreGate['verdict']): string[] {
  return gates.flatMap((gate) => (gate.verdict === verdict ? [gate.reason ?? gate.name] : []));
}

function checksThat(
  { checks }: RestoreFacts,
  state: RestoreFacts['checks'][number]['state'],
  words: string,
): string[] {
  const those = checks.filter((check) => check.state === state);
  return those.map(({ name, detail }) => `${name}: ${words}: ${detail}`);
}

/**
 * At most all that was written since the newest transaction is lost. Whether anything was, only a
 * heartbeat shows: the next beat is not there. A clock that is a little ahead makes nothing older
 * than now, and of one that is more nobody knows how old anything is.
 */
function rpoOf({ heartbeat }: RestoreFile, facts: RestoreFacts): RestoreResult['rpo'] {
  const { newest, backup, restored } = facts;
  if (restored === null) return null;
  const age = (time: string) => Math.max(0, Date.parse(facts.at) - Date.parse(time));
  if (isAhead(newestOf(heartbeat !== undefined, facts), facts)) return null;
  if (heartbeat !== undefined) {
    if (newest.heartbeat_at === null) return null;
    const high_ms = age(newest.heartbeat_at);
    return { low_ms: Math.max(0, high_ms - heartbeat.every), high_ms, by: 'heartbeat' };
  }
  if (newest.transaction_at !== null) {
    return { low_ms: 0, high_ms: age(newest.transaction_at), by: 'transaction' };
  }
  // No transaction ended since the backup began: it has all that there was until then.
  const started = backup?.started_at ?? null;
  return started === null ? null : { low_ms: 0, high_ms: age(started), by: 'backup' };
}

function newestOf(hasHeartbeat: boolean, { newest, backup }: RestoreFacts): string | null {
  if (hasHeartbeat) return newest.heartbeat_at;
  return newest.transaction_at ?? backup?.started_at ?? null;
}

/** Two clocks may be so far apart. */
const SKEW_MS = 60_000;

function isAhead(time: string | null, { at }: RestoreFacts): boolean {
  return time !== null && Date.parse(time) - Date.parse(at) > SKEW_MS;
}

function gatesOf(
  file: RestoreFile,
  restore_ms: number | null,
  rpo: RestoreResult['rpo'],
  facts: RestoreFacts,
): RestoreGate[] {
  const gates: RestoreGate[] = [];
  const { targets, heartbeat } = file;
  const { restore, rpo: target } = targets;
  if (restore !== undefined) {
    // Given up at the deadline: it takes longer than that.
    const isLate = facts.findings.some(({ code }) => code === 'not-finished');
    const ends = { low_ms: isLate ? file.deadline : restore_ms, high_ms: restore_ms };
    gates.push(gateOf('restore', restore, ends, 'the restore is', 'nothing was restored'));
  }
  if (target === undefined) return gates;
  const ends = rpo ?? { low_ms: null, high_ms: null };
  const why = unknownAge(heartbeat?.table ?? null, facts);
  gates.push(gateOf('rpo', target, ends, ageWords(rpo, facts), why));
  return gates;
}

/** Of a clock without a known zone, only bounds of the age are known. */
function ageWords(rpo: RestoreResult['rpo'], facts: RestoreFacts): string {
  const { backup } = facts;
  const until = backup?.started_until ?? null;
  if (rpo?.by !== 'backup' || until === null) return 'the age of the newest transaction is';
  const least_ms = Math.max(0, Date.parse(facts.at) - Date.parse(until));
  const where = backup?.kind === 'pg_dump' ? 'the dump' : 'the backup';
  const why = `when it was begun stands in ${where} without a zone that is known`;
  return `${why}, so that its age is at least ${formatDuration(least_ms)} and at most`;
}

const HEARTBEAT = 'a heartbeat would tell (drill heartbeat)';

/** Why the age of what is newest is not known. */
function unknownAge(table: string | null, facts: RestoreFacts): string {
  const newest = newestOf(table !== null, facts);
  if (facts.restored === null) return 'nothing was restored';
  if (isAhead(newest, facts)) return `what is newest is of ${newest}, after the disaster`;
  return table === null
    ? `of when its newest transaction is, it does not say: ${HEARTBEAT}`
    : `there is no beat in ${table} (a time with its zone, in the column at)`;
}

function gateOf(
  name: RestoreGate['name'],
  target_ms: number,
  { low_ms, high_ms }: Pick<RestoreGate, 'low_ms' | 'high_ms'>,
  what: string,
  unmeasured: string,
): RestoreGate {
  const as = (verdict: RestoreGate['verdict'], reason: string | null): RestoreGate => {
    return { name, target_ms, low_ms, high_ms, verdict, reason };
  };
  const wanted = `the target is ${formatDuration(target_ms)} at most`;
  if (low_ms !== null && high_ms === null && low_ms >= target_ms) {
    return as('fail', `${name}: not finished after ${formatDuration(low_ms)}, ${wanted}`);
  }
  if (low_ms === null || high_ms === null) {
    return as('inconclusive', `${name}: not measured, ${unmeasured}`);
  }
  if (high_ms <= target_ms) return as('pass', null);
  const found = `${name}: ${what} ${formatDuration(high_ms)}`;
  if (low_ms > target_ms) return as('fail', `${found}, ${wanted}`);
  const open = 'whether anything was written after it nobody knows';
  return as('inconclusive', `${found}, ${wanted}; ${open}: ${HEARTBEAT}`);
}
