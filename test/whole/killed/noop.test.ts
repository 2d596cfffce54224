// SIGKILL at random moments of drills on `noop`, where what lasts is a file: what the engine and the
// session leave, and what the undo log knows. `npm run test:kill` has a thousand.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleProgram, killOnNoop } from '../../support/kill/noop-kill.ts';
import { countOf, killSeries, SEED } from '../../support/kill/series.ts';

const COUNT = countOf('KILLS_NOOP', 4);
const BESIDE = 4;
const KILL_AT_MOST_MS = 30_000;

describe(`${COUNT} runners that are killed at random, noop, seed ${SEED}`, function () {
  this.timeout((COUNT + 2) * KILL_AT_MOST_MS);

  let folder = '';
  before(() => (folder = mkdtempSync(join(tmpdir(), 'drill-test-'))));
  after(() => rmSync(folder, { recursive: true }));

  it('leave nothing after drill clean, and a system that is up as it was', async () => {
    const program = bundleProgram(folder);
    const once = (seed: number, number: number) => killOnNoop(program, seed, number);
    await killSeries({ of: 'noop', count: COUNT, beside: BESIDE, once });
  });
});
