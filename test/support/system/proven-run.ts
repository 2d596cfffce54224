// A run as `drill clean` knows it once it has looked: its scratch directory is there and its own, or
// it is gone.
import { existsSync } from 'node:fs';
import type { ProvenRun } from '../../../src/evidence/undo.ts';

export function provenRun(run: string, scratch: string, directory = '/none'): ProvenRun {
  return { run, directory, place: scratch, scratch: existsSync(scratch) ? scratch : null };
}
