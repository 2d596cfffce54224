// The exit code of whatever runs drills: run, scale and compare have it from one place.
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exitOfMade } from '../../src/cli/runs-beside.ts';
import type { Made, MadeRun } from '../../src/session/series.ts';
import { EXIT } from '../../src/verdict/exit-code.ts';
import { lostData, passed } from '../support/evidence/results.ts';
import { ROOT } from '../support/whole/drill-cli.ts';

const calm = { interrupt: new AbortController().signal };
const stopped = { interrupt: AbortSignal.abort() };
const made = (parts: Partial<Made> = {}): Made => ({ runs: [], series: null, left: [], ...parts });
const run = (result: MadeRun['result']) => ({ result }) as MadeRun;

describe('the exit code of a command that runs drills', () => {
  it('is that of the worst run, and of what it did besides', () => {
    expect(exitOfMade(made({ runs: [run(passed)] }), calm)).to.equal(EXIT.pass);
    expect(exitOfMade(made({ runs: [run(passed), run(lostData)] }), calm)).to.equal(EXIT.fail);
    expect(exitOfMade(made({ runs: [run(passed)] }), calm, [EXIT.inconclusive])).to.equal(3);
    expect(exitOfMade(made({ runs: [run(passed)] }), stopped)).to.equal(EXIT.interrupted);
  });

  it('is unclean where regions that its runs shared left something behind', () => {
    const left = ['container drill-1'];
    expect(exitOfMade(made({ runs: [run(passed)], left }), calm)).to.equal(EXIT.unclean);
    expect(exitOfMade(made({ left }), calm, [EXIT.pass])).to.equal(EXIT.unclean);
  });

  for (const verb of ['run', 'compare', 'scale']) {
    it(`is made nowhere else in drill ${verb}`, () => {
      const text = readFileSync(join(ROOT, 'src/cli/verbs', `${verb}.ts`), 'utf8');
      expect(text).to.include('exitOfMade(').and.not.to.include('worstExit(');
    });
  }
});
