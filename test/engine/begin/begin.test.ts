// The beginning of a run, where somebody else has a hand in it.
import { expect } from 'chai';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare } from '../../../src/engine/begin/begin.ts';
import type { RunContext } from '../../../src/engine/frame/context.ts';
import { EnvironmentError } from '../../../src/host/environment-error.ts';

describe('a run that begins', () => {
  it('takes what stands in the place of its scratch directory for no bug, and leaves it', async () => {
    const root = mkdtempSync(join(tmpdir(), 'drill-begin-'));
    try {
      const place = { id: 'run-1', scratch: join(root, 'drill-run-1'), directory: root };
      writeFileSync(place.scratch, 'of somebody else');
      const undone: (() => Promise<void>)[] = [];
      const scope = {
        defer: async (_: unknown, undo: () => Promise<void>) => {
          undone.push(undo);
          await Promise.resolve();
        },
      };
      const context = { place, scope, key: 'key', parts: {} } as unknown as RunContext;
      const error = await prepare(context).then(
        () => null,
        (each: unknown) => each,
      );
      expect(error, String(error)).to.be.instanceOf(EnvironmentError);
      expect((error as EnvironmentError).problem.found).to.match(/is there already/);
      await Promise.all(undone.map((undo) => undo()));
      expect(readFileSync(place.scratch, 'utf8')).to.equal('of somebody else');
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});
