// What `drill restore` prints: the verdict, what was measured against what was wanted, what was
// looked at, and what speaks against the backup.
import { formatDuration, formatBytes } from '../../../base/units.ts';
import type { RestoreGate, RestoreResult } from '../../../evidence/backup/restore-form.ts';
import { verdictBadge } from '../../../report/summary/verdict-words.ts';
import { makePaint, type Paint } from '../../../screen/paint.ts';
import { printable, table } from '../../../screen/text.ts';

const MARKS = {
  pass: ['✓', 'good'],
  passed: ['✓', 'good'],
  fail: ['✗', 'bad'],
  failed: ['✗', 'bad'],
  inconclusive: ['?', 'warn'],
  skipped: ['?', 'warn'],
} as const;

const BY = {
  heartbeat: 'by the heartbeat',
  transaction: 'the newest transaction that was replayed',
  backup: 'no transaction since the backup began',
} as const;

const OF_DUMP = 'it says when it was begun, and not in which zone';

/** Ends with a newline. */
export function restoreText(result: RestoreResult, hasColour: boolean): string {
  const paint = makePaint(hasColour);
  const { verdict, name, gates, reasons, facts, left } = result;
  return [
    `${verdictBadge(verdict, paint)}  ${name}`,
    ...section(gates.map((gate) => gateCells(gate, paint))),
    ...section(factCells(result)),
    ...section(
      facts.checks.map((check) => [mark(check.state, paint), check.name, printable(check.detail)]),
    ),
    ...(reasons.length === 0 ? [] : ['', ...reasons.map((reason) => `  ${printable(reason)}`)]),
    ...left.map((each) => `  left behind: ${printable(each)}`),
    '',
  ].join('\n');
}

function section(rows: readonly string[][]): string[] {
  return rows.length === 0 ? [] : ['', ...table(rows).map((line) => `  ${line}`)];
}

function mark(of: keyof typeof MARKS, paint: Paint): string {
  const [sign, style] = MARKS[of];
  return paint(style, sign);
}

function gateCells({ name, low_ms, high_ms, target_ms, verdict }: RestoreGate, paint: Paint) {
  const measured = measuredWords(low_ms, high_ms);
  return [mark(verdict, paint), name, measured, `at most ${formatDuration(target_ms)}`];
}

function measuredWords(low_ms: number | null, high_ms: number | null): string {
  if (low_ms === null) return 'not measured';
  if (high_ms === null) return `over ${formatDuration(low_ms)}`;
  if (low_ms === high_ms) return formatDuration(high_ms);
  return `${formatDuration(low_ms)} to ${formatDuration(high_ms)}`;
}

function factCells({ facts, rpo }: RestoreResult): string[][] {
  const { backup, restored, server, newest } = facts;
  const rows: string[][] = [];
  if (backup !== null) {
    const { major, bytes, format, system, kind = 'basebackup', label = null } = backup;
    const began = beganWords(backup);
    const words = `PostgreSQL ${major}, ${formatBytes(bytes)}, ${format}${began}`;
    rows.push(['backup', words]);
    if (label !== null) rows.push([kind, label]);
    if (system !== null) rows.push(['cluster', system]);
  }
  if (restored !== null) rows.push(...restoredCells(restored, server?.version ?? ''));
  const newest_at = newest.heartbeat_at ?? newest.transaction_at;
  if (newest_at !== null) rows.push(['newest', newest_at]);
  if (rpo !== null) {
    const isBound = (backup?.started_until ?? null) !== null && rpo.by === 'backup';
    const age = `${isBound ? 'at most ' : ''}${formatDuration(rpo.high_ms)}`;
    const words = `${age} old at ${facts.at} (${isBound ? OF_DUMP : BY[rpo.by]})`;
    rows.push(['age', words]);
  }
  return rows;
}

/** A dump has the fields of a clock, and not its zone. */
function beganWords({
  started_at,
  started_until = null,
}: NonNullable<RestoreResult['facts']['backup']>): string {
  if (started_at === null) return '';
  const span = started_until === null ? started_at : `from ${started_at} to ${started_until}`;
  return `, begun ${span}`;
}

function restoredCells(
  restored: NonNullable<RestoreResult['facts']['restored']>,
  version: string,
): string[][] {
  const { copy_ms, verify_ms, replay_ms, replayed_to, timeline } = restored;
  if (replayed_to === null || timeline === null) {
    const looked = `whether it is whole ${formatDuration(verify_ms)}`;
    return [['restored', `loaded into ${version} ${formatDuration(copy_ms)}; ${looked}`]];
  }
  const times = `copy ${formatDuration(copy_ms)}, replay ${formatDuration(replay_ms)}`;
  const checked = `checked against the manifest ${formatDuration(verify_ms)}`;
  return [
    ['restored', verify_ms === 0 ? times : `${times}; ${checked}`],
    ['up to', `${replayed_to}, now on timeline ${timeline} of ${version}`],
  ];
}
