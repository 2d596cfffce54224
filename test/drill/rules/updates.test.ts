// What `drill check` says of updates of shared rows.
import { expect } from 'chai';
import { describePlan } from '../../../src/drill/plan/describe-plan.ts';
import { basePlan } from '../../support/plan/base-plan.ts';
import { GOOD, heads } from '../../support/plan/drill-file.ts';

const BOTH = GOOD.replace(
  'strategy: warm-standby',
  'strategy: active-active\n  regions: { east: { role: active }, west: { role: active } }',
);

/** Of the workload alone; the rest of what is said is not about it. */
function said(workload: string, text = BOTH): string[] {
  return heads(`${text}workload: ${workload}\n`).filter((line) => line.includes(': workload.'));
}

describe('updates of shared rows in a drill file', () => {
  it('are fine where two regions write', () => {
    expect(said('{ updates: 10%, shared_rows: 4 }')).to.deep.equal([]);
    expect(said('{ reads: 40%, updates: 60% }')).to.deep.equal([]);
  });

  it('stand in the plan, with how many rows they share', () => {
    const workload = { ...basePlan.workload, updates: 0.1, shared_rows: 4 };
    const text = JSON.stringify(describePlan({ ...basePlan, workload }));
    expect(text).to.contain('over http, 10% updates of 4 shared rows, 256B each');
    expect(JSON.stringify(describePlan(basePlan))).to.not.contain('shared rows');
  });

  it('are refused via sql, which has no way to make them', () => {
    expect(said('{ via: sql, updates: 10% }')).to.deep.equal([
      'a.yaml:9:32: error: workload.updates: via: sql only inserts; ' +
        'shared rows are updated by the orders service, via: http',
    ]);
    expect(said('{ via: sql, updates: 0% }')).to.deep.equal([]);
  });

  it('are refused where they and the reads are more than there is', () => {
    expect(said('{ reads: 50%, updates: 51% }')).to.deep.equal([
      'a.yaml:9:34: error: workload.updates: workload.reads and workload.updates are shares of ' +
        'the same operations, 100% at most',
    ]);
  });

  it('are refused where one region writes', () => {
    const [message] = said('{ updates: 10% }', GOOD);
    expect(message).to.match(/^a.yaml:8:22: error: workload.updates: shared rows show what two/);
  });
});
