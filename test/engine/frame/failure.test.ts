// What stopped a run is told by whose it is: the machine's, somebody's who took the folder away, or
// a bug in drill.
import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reportFailure } from '../../../src/engine/frame/failure.ts';
import { EvidenceError } from '../../../src/evidence/evidence-error.ts';
import { runFile } from '../../../src/evidence/run-files.ts';
import { plan } from '../../support/evidence/results.ts';
import { ContextInTest } from '../../support/system/run-context.ts';

const missing = Object.assign(new Error('no such file'), { code: 'ENOENT' });

describe('what stopped a run', () => {
  let directory: string;
  before(() => (directory = mkdtempSync(join(tmpdir(), 'drill-failure-'))));
  after(() => rmSync(directory, { recursive: true }));

  const told = (error: Error) => {
    const { run, events } = new ContextInTest(plan);
    reportFailure({ ...run, place: { ...run.place, directory } }, error);
    return events.at(-1);
  };

  it('is the folder of the run, where that is gone, and no bug', () => {
    for (const error of [missing, new EvidenceError('no ledger')]) {
      const event = told(error);
      expect(event).to.include({ event: 'environment.failed', machine: true });
      expect(event).to.include({ found: 'it was removed while the drill ran' });
    }
    expect(told(new TypeError('x is not a function'))).to.include({ event: 'internal.failed' });
  });

  it('is a bug in drill, where the folder is there', () => {
    writeFileSync(runFile(directory, 'plan'), '{}');
    expect(told(missing)).to.include({ event: 'internal.failed' });
  });
});
