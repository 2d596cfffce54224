// Two databases that both serve, compared row by row in the end: what differs is a failure of the
// run, and not to have looked is no proof that nothing does.
import { doubts, measured, type Measured, type Failure } from '../measured.ts';
import { servesTwice } from './store-loss.ts';
import type { DivergedRow, Divergence } from '../../drill/measurement.ts';
import type { Disaster, Timeline } from '../timeline.ts';
import { counted, plainDetail } from '../words.ts';

const IN_REASONS_MAX = 3;
const VALUE_CHARACTERS_MAX = 40;

export function measureDivergence(run: Timeline, disaster: Disaster): Measured<Divergence | null> {
  const divergence = divergenceOf(run);
  const reasons = divergenceReasons(divergence, servesTwice(run, disaster));
  return measured(divergence, doubts('loss', reasons), divergenceFailures(divergence));
}

/**
 * By the last comparison. Rows that differed in an earlier one may have converged since; those that
 * are listed after the last one belong to a comparison that never ended. Null: nobody compared.
 */
function divergenceOf(run: Timeline): Divergence | null {
  const [before, last] = [undefined, ...run.all('convergence.checked')].slice(-2);
  const rows = run.all('row.diverged');
  if (last === undefined) {
    if (rows.length === 0) return null;
    const listed = distinct(rows);
    return { rows: null, differing: listed.length, ok: null, detail: '', listed };
  }
  const isAgreed = last.ok && last.differing === 0;
  // The rows of a comparison stand before what it ended with.
  const since = isAgreed ? last : before;
  const from = since === undefined ? -1 : run.events.lastIndexOf(since);
  const listed = distinct(rows.filter((row) => run.events.indexOf(row) > from));
  const differing = Math.max(last.differing, isAgreed ? listed.length : 0);
  const ok = last.ok && differing === 0;
  return { rows: last.rows, differing, ok, detail: last.detail, listed };
}

function distinct(rows: readonly DivergedRow[]): DivergedRow[] {
  const latest = new Map(
    rows.map(({ table, key, values }) => [`${table}\n${key}`, { table, key, values }]),
  );
  return [...latest.values()];
}

function divergenceFailures(divergence: Divergence | null): Failure[] {
  if (divergence === null || divergence.differing === 0) return [];
  const { differing, listed } = divergence;
  const verb = differing === 1 ? 'differs' : 'differ';
  const what = `${counted(differing, 'row')} ${verb} between the serving databases`;
  const shown = listed.slice(0, IN_REASONS_MAX).map(rowWords).join('; ');
  const more = differing - Math.min(listed.length, IN_REASONS_MAX);
  const rows = shown === '' ? '' : `: ${shown}${more > 0 ? `; and ${more} more` : ''}`;
  return [{ code: 'databases-diverged', text: `${what}${rows}.` }];
}

/** `stock 7 (east "a", west nothing)` */
export function rowWords({ table, key, values }: DivergedRow): string {
  const each = Object.entries(values).map(([region, value]) => {
    return `${region} ${value === null ? 'nothing' : `"${shortened(value)}"`}`;
  });
  return `${table} ${key} (${each.join(', ')})`;
}

/** What tells two long values apart is mostly at their ends. */
function shortened(value: string): string {
  if (value.length <= VALUE_CHARACTERS_MAX) return value;
  return `…${value.slice(1 - VALUE_CHARACTERS_MAX)}`;
}

function divergenceReasons(divergence: Divergence | null, isDue: boolean): string[] {
  if (divergence === null && !isDue) return [];
  if (divergence === null || divergence.ok === null) {
    return ['The two serving databases were never compared with each other to the end.'];
  }
  if (divergence.ok || divergence.differing > 0) return [];
  const detail = plainDetail(divergence.detail);
  return [`Whether the two serving databases agree is not known: ${detail}.`];
}
