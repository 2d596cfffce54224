// What `topology.data` asks for: where it can be had, and whether the file's times have room for it.
import { expect } from 'chai';
import { GOOD, heads } from '../../support/plan/drill-file.ts';

const RESTORED = GOOD.replace('warm-standby', 'backup-restore').replace(
  'region: east }',
  'region: east, disks: destroyed }',
);

function said(data: string, more = '', text = GOOD): string[] {
  const strategy = /strategy: (\S+)/.exec(text)![0];
  return heads(text.replace(strategy, `${strategy}\n  data: ${data}${more}`));
}

describe('rows of the databases’ own', () => {
  it('are fine in a drill whose strategy keeps no backups', () => {
    expect(said('2GB')).to.deep.equal([]);
  });

  it('have a least and a greatest size, with a unit', () => {
    expect(said('20MB')).to.deep.equal([]);
    expect(said('19MB').join()).to.contain('expected 20MB to 1TB, got 19MB');
    expect(said('1001GB').join()).to.contain('got 1001GB');
    expect(said('2').join()).to.contain('a size such as');
  });

  it('are refused where the runtime does not fill databases', () => {
    const [line] = heads(
      `${GOOD.replace('warm-standby', 'warm-standby\n  data: 2GB')}runtime: compose\n`,
    );
    expect(line).to.contain('topology.data needs databases that are filled before the drill');
    expect(line).to.contain('has not: each of its runs begins with empty volumes');
    expect(line).to.contain('use runtime: embedded');
  });

  it('are warned of where base backups of them follow each other without a pause', () => {
    const every = (text: string) => said('700MB', `\n  backup: { every: ${text} }`, RESTORED);
    expect(every('20s')).to.deep.equal([]);
    expect(every('19s').join()).to.contain('takes some 10 s, and one is due every 19 s');
    expect(said('700MB', '', RESTORED).join()).to.contain('is due every 10 s');
  });

  it('are warned of where no disk restores them within the deadline', () => {
    const backup = '\n  backup: { every: 24h }';
    const short = (deadline: string) =>
      said('200GB', backup, `${RESTORED}recover: { deadline: ${deadline} }\n`).join();
    expect(short('100s')).not.to.contain('fastest of disks');
    expect(short('99s')).to.contain('a restore of 200GB takes 1 m 40 s on the fastest of disks');
    // Without a stated one it grows with the data.
    expect(said('200GB', backup, RESTORED)).to.deep.equal([]);
  });
});
