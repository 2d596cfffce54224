// A trial of a series that says nothing; tests give it what they are about.
import type { SeriesTrial } from '../../../src/verdict/series.ts';

export const SERIES_TRIAL: SeriesTrial = {
  run: 'run',
  seed: 1,
  moved_ms: 0,
  verdict: 'pass',
  reasons: [],
  gates: [],
  rto_ms: null,
  rpo_ms: null,
  lost: null,
  phases: [],
};
