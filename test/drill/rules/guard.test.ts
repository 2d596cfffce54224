// What keeps a drill of somebody's own system small: one region, and an end of the harm that is
// later than the end of the recovery.
import { expect } from 'chai';
import { heads } from '../../support/plan/drill-file.ts';
import { ownDrill } from '../../support/plan/own-drill.ts';

const SECOND = `  - { at: 2s, kind: command, region: REGION, title: again, run: [./off.sh, db2],
      undo: [./on.sh, db2], seen: { refuses: 'west/db2' } }
`;

const errorsOf = (text: string) => heads(text).filter((line) => line.includes('error'));
const withSecond = (region: string) =>
  errorsOf(
    ownDrill().replace('recover:', `${SECOND.replace('REGION', region)}disaster: none\nrecover:`),
  );

describe('the guard of a system of one’s own', () => {
  it('lets one region be broken, more than once, and not two', () => {
    expect(withSecond('east').join()).not.to.contain('one region of your own');
    expect(withSecond('west').join()).to.contain(
      'one region of your own is broken in a drill, and east is already',
    );
  });

  it('lets what was broken stay as long as the recovery may take, and the command', () => {
    expect(errorsOf(ownDrill())).to.deep.equal([]);
    expect(errorsOf(ownDrill({ guard: 'hurt_for: 1m' }))).to.deep.equal([]);
    const [first, ...others] = errorsOf(ownDrill({ guard: 'hurt_for: 59s' }));
    expect(others).to.deep.equal([]);
    expect(first).to.contain(
      '1 m 00 s until the recovery is given up and a command has ended, and all is undone after 59 s',
    );
  });

  it('lets service be moved back in that time too, where it is', () => {
    const back = (guard: string) =>
      errorsOf(
        `${ownDrill({ guard }).replace('deadline: 40s }', 'deadline: 40s, back: [{ command: [./b.sh] }] }')}failback: true\n`,
      );
    expect(back('hurt_for: 140s')).to.deep.equal([]);
    const [first, ...others] = back('hurt_for: 139s');
    expect(others).to.deep.equal([]);
    expect(first).to.contain(
      '2 m 20 s until the recovery is given up and a command has ended, and',
    );
    expect(first).to.contain('the way back is given up, and all is undone after 2 m 19 s');
  });
});
