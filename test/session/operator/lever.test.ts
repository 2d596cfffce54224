// The lever of a system of one's own: a file that keeps its drills from running.
import { expect } from 'chai';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
    expect(await pulled).to.equal(`${lever}, made by somebody`);
  });

  it('has a folder in which somebody can make it, before a drill begins and while it runs', async () => {
    const below = join(folder, 'below');
    const lever = join(below, 'lever');
    expect(() => requireNoLever(lever)).to.throw(`its folder ${below}`);
    mkdirSync(below);
    expect(() => requireNoLever(lever)).not.to.throw();
    const pulled = leverPulled(lever, {
      clock: hostClock(),
      signal: AbortSignal.timeout(5_000),
    });
    rmSync(below, { recursive: true });
    expect(await pulled).to.equal(`${lever}, whose folder is gone`);
  });
});
