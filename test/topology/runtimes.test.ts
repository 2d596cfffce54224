// A runtime is an entry: who asks for one by its name is drill's list of names, and the runtime itself.
import { expect } from 'chai';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RUNTIME_NAMES } from '../../src/drill/file/runtimes.ts';
import { hostClock } from '../../src/host/clock.ts';
import { runtimes } from '../../src/topology/runtimes.ts';
import { undoKindOf } from '../../src/topology/undo.ts';
import { provenRun } from '../support/system/proven-run.ts';

const SOURCE = fileURLToPath(new URL('../../src', import.meta.url));

describe('runtimes', () => {
  it('are asked for by name in one place', () => {
    const quoted = new RegExp(`['"\`](${RUNTIME_NAMES.join('|')})['"\`]`);
    const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' });
    const asking = files.filter((path) => {
      const isOwn = RUNTIME_NAMES.some((name) => path.startsWith(join('topology', name)));
      if (isOwn || !path.endsWith('.ts')) return false;
      return quoted.test(readFileSync(join(SOURCE, path), 'utf8'));
    });
    expect(files).to.include(join('topology', 'runtimes.ts'));
    expect(asking).to.deep.equal([]);
  });

  it('undo what they do in a way that nothing else does', () => {
    const own = Object.values(runtimes).flatMap(({ undo }) => undo);
    for (const kind of own) expect(undoKindOf({ undo: kind.undo })).to.equal(kind);
    expect(new Set(own.map(({ undo }) => undo)).size).to.equal(own.length);
  });

  it('leave an effect alone that this version does not know, and say so', async () => {
    const kind = undoKindOf({ undo: 'levitation' });
    expect(kind.describe({ undo: 'levitation' })).to.contain('levitation');
    const left = await kind.perform(
      { undo: 'levitation' },
      { clock: hostClock(), environment: {}, own: provenRun('x', '/none'), system: null },
    );
    expect(left.join()).to.contain('does not know');
  });
});
