// The trials of a series against the past of their drill: one rule for all of them together. Pure.
import { rto } from '../drill/gate/rto.ts';
import { rtoRegression } from '../drill/gate/rto-regression.ts';
import { regressionOf } from '../drill/regression.ts';
import { straddles } from './gates.ts';
import type { Result } from './result.ts';

/** None where no past was chosen for the series. Null among the trials: it was not made. */
export function regressionGates(trials: readonly (Result | null)[]) {
  const chosen = trials.find((result) => result?.baseline !== undefined)?.baseline;
  if (chosen?.judged !== 'series') return [];
  const { allowed: target } = chosen;
  const regression = regressionOf(trials.map(comparableRto), chosen, target);
  const { verdict, slower, reason } = regression;
  const { name, unit, bound } = rtoRegression;
  const of = trials.filter((result) => result !== null).length;
  const counts = {
    met: verdict === 'pass' ? trials.length : 0,
    missed: verdict === 'fail' ? trials.length : 0,
    open: verdict === 'inconclusive' ? trials.length : 0,
  };
  const measured = slower === null ? null : { min: slower, median: slower, max: slower, of };
  const judged = { ...counts, measured, decided: slower, proves: null };
  return [{ name, unit, bound, target, verdict, ...judged, reason, regression }];
}

/**
 * The recovery time that a run can be compared by, from where its file counts; Infinity: service
 * never came back. Null: it was not measured, or something speaks against the number.
 */
export function comparableRto(result: Result | null): number | null {
  if (result === null) return null;
  const gate = result.gates.find(({ name }) => name === rto.name);
  if (gate === undefined || result.recovery?.stopped_after_ms !== undefined) return null;
  // A gate is open for what speaks against its number, or for an error bar that reaches over it.
  const isSound =
    gate.verdict !== 'inconclusive' || gate.reason === straddles({ ...gate, title: rto.title });
  if (!isSound) return null;
  return gate.measured ?? (gate.verdict === 'fail' ? Infinity : null);
}
