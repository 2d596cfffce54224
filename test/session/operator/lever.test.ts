// The lever of a system of one's own: a file that keeps its drills from running.
import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostClock } from '../../../src/host/clock.ts';
import { leverPulled, requireNoLever } from '../../../src/session/operator/kill-switch.ts';

describe('the lever of a system', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'drill-lever-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('lets no drill begin while it is there', () => {
    const lever = join(folder, 'lever');
    expect(() => requireNoLever(lever)).not.to.throw();
    writeFileSync(lever, 'bob\n');
    expect(() => requireNoLever(lever)).to.throw('lever is there, made by bob');
  });

  it('ends those that run, whoever made it and however', async () => {
    const lever = join(folder, 'lever');
    const way = { clock: hostClock(), signal: AbortSignal.timeout(5_000) };
    const pulled = leverPulled(lever, way);
    writeFileSync(lever, '');
    expect(await pulled).to.equal('somebody');
  });
});
