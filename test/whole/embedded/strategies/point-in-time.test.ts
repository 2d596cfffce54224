// Back to a point before an operator's mistake, on a real system; and a point that the log does not
// reach, which is a failed step and never half a service.
import { expect } from 'chai';
import type { InProcessRun } from '../../../support/whole/in-process-run.ts';
import {
  BACKUP_RESTORE,
  eventsNamed,
  reasonsOf,
  runShort,
  shortDrill,
} from '../../../support/whole/short-run.ts';
import { it } from '../../../support/commands.ts';

const harmed = (statement: string, target: string, targets = 'rto: 30s, lost_writes: 0') =>
  shortDrill({
    targets,
    topology: BACKUP_RESTORE,
    faults: `{ at: 500ms, kind: corrupt-data, statement: ${statement}, share: 50% }`,
    more: `declare: after 500ms
recover: { with: restore-to-point, target: ${target}, deadline: 30s }
`,
  });

/** Everything acknowledged until the mistake is there as it was; only later writes are given up. */
function isUndone(ended: InProcessRun): void {
  expect(ended.result.verdict, reasonsOf(ended)).to.equal('pass');
  const [mistake] = eventsNamed(ended, 'data.harmed');
  expect(mistake!.rows).to.be.above(0);
  const verified = eventsNamed(ended, 'data.verified').map(({ rows, ok }) => ({ rows, ok }));
  expect(verified).to.deep.equal([{ rows: mistake!.rows, ok: true }]);
  const { loss } = ended.result;
  expect(loss).to.include({ lost: 0, corrupt: 0, unexpected: 0 });
  expect(loss!.intended).to.be.above(0);
}

describe('a restore to a point', function () {
  this.timeout(120_000);

  for (const statement of ['update', 'delete']) {
    it.full(`undoes an ${statement} of half of the orders`.replace('an d', 'a d'), async () => {
      isUndone(await runShort(harmed(statement, 'before-fault')));
    });
  }

  it.full('goes by the name of the point that was written just before', async () => {
    const target = '{ name: drill-before-mistake }';
    const ended = await runShort(harmed('delete', target, 'rto: 30s, rpo: 10s'));
    expect(ended.result.verdict, reasonsOf(ended)).to.equal('pass');
    const [mistake] = eventsNamed(ended, 'data.harmed');
    const [verified] = eventsNamed(ended, 'data.verified');
    expect(verified!.ok).to.equal(true);
    expect(verified!.rows).to.be.within(mistake!.rows / 2, mistake!.rows);
    expect(ended.result.loss).to.include({ corrupt: 0, unexpected: 0 });
    expect(ended.result.loss!.intended).to.be.above(0);
  });

  it.full('goes to a time before it, and what was acknowledged in between is lost', async () => {
    const ended = await runShort(harmed('delete', '{ time: 700ms }', 'rto: 30s, rpo: 10s'));
    expect(ended.result.verdict, reasonsOf(ended)).to.equal('pass');
    const [mistake] = eventsNamed(ended, 'data.harmed');
    const [verified] = eventsNamed(ended, 'data.verified');
    expect(verified!.ok).to.equal(true);
    expect(verified!.rows).to.be.within(1, mistake!.rows - 1);
    expect(verified!.detail).to.match(/; \d+ more were written too late to be there/);
    const { loss } = ended.result;
    expect(loss!.lost).to.be.above(0);
    expect(loss!.rpo_ms).to.be.within(600, 1_500);
    expect(loss).to.include({ corrupt: 0, unexpected: 0 });
  });

  it.full(
    'that the log never reaches fails in the restore, and nothing half restored serves',
    async () => {
      const target = '{ name: a-point-nobody-made }';
      const ended = await runShort(harmed('delete', target));
      expect(ended.result.verdict, reasonsOf(ended)).to.equal('fail');
      const [failed, ...more] = eventsNamed(ended, 'step.failed');
      expect(more).to.deep.equal([]);
      expect(failed!.step).to.equal('restore the database to the point');
      expect(failed!.reason).to.match(
        /restore point "a-point-nobody-made".*(not reached|cannot be)/,
      );
      expect(ended.result.reasons[0]).to.contain(failed!.reason);
      expect(eventsNamed(ended, 'database.writable')).to.deep.equal([]);
      expect(eventsNamed(ended, 'app.ready').map(({ region }) => region)).not.to.include('west');
      expect(eventsNamed(ended, 'gslb.redirected')).to.deep.equal([]);
      expect(eventsNamed(ended, 'service.sustained')).to.deep.equal([]);
    },
  );

  it.full('before the oldest backup fails as clearly', async () => {
    const ended = await runShort(harmed('delete', '{ time: 1h }'));
    expect(ended.result.verdict, reasonsOf(ended)).to.equal('fail');
    const [failed] = eventsNamed(ended, 'step.failed');
    expect(failed!.reason).to.match(
      /^the time .* cannot be restored: it lies before the end of the oldest base backup/,
    );
    expect(eventsNamed(ended, 'database.writable')).to.deep.equal([]);
  });
});
