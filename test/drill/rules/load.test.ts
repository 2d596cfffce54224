// Whether the regions of a drill file serve what is asked of them, together and one alone.
import { expect } from 'chai';
import { GOOD, heads } from '../../support/plan/drill-file.ts';

const CUT = '{ at: 2s, kind: partition, for: 2s }';

/** Of two regions that serve, by what stands in each. */
function said(east: string, west: string, rate: string, more = ''): string[] {
  const regions = `{ east: { role: active${east} }, west: { role: active${west} } }`;
  const text = GOOD.replace('warm-standby', `active-active\n  regions: ${regions}`);
  return heads(`${text}workload: { rate: ${rate} }\n${more}`);
}

describe('the load of two regions that serve', () => {
  it('is fine as long as each serves its share, and the second one alone all of it', () => {
    expect(said('', '', '400/s')).to.deep.equal([]);
    expect(said(', weight: 3', ', weight: 1', '400/s')).to.deep.equal([]);
  });

  it('is refused where it is more than a region serves, whichever that is', () => {
    const [first, ...others] = said('', ', app: { instances: 1 }', '500/s');
    expect(first).to.equal(
      'a.yaml:9:19: error: workload.rate: 250/s of 500/s is more than region west serves: 1 × 200/s = 200/s; there would be no steady state',
    );
    expect(others.filter((line) => line.includes('error'))).to.deep.equal([]);
    expect(said(', weight: 9', ', weight: 1', '450/s')[0]).to.equal(
      'a.yaml:9:19: error: workload.rate: 405/s of 450/s is more than region east serves: 2 × 200/s = 400/s; there would be no steady state',
    );
  });

  it('is warned of where the region that is left does not serve it', () => {
    const warning =
      'a.yaml:9:19: warning: workload.rate: after recovery region west serves 400/s, too little for 700/s; expect that service does not come back';
    expect(said('', '', '700/s')).to.deep.equal([warning]);
    expect(said('', '', '700/s', 'recover: { instances: 4 }\n')).to.deep.equal([]);
  });

  it('is no matter afterwards where both regions stay', () => {
    const cut = GOOD.replace('{ at: 2s, kind: lose-region, region: east }', CUT);
    const regions = 'regions: { east: { role: active }, west: { role: active } }';
    const text = cut.replace('warm-standby', `active-active\n  ${regions}`);
    expect(heads(`${text}workload: { rate: 700/s }\n`)).to.deep.equal([]);
  });
});

describe('seed rows', () => {
  const seeded = (rows: number, topology = '', workload = '') => {
    const text = GOOD.replace('warm-standby', `warm-standby${topology}`);
    return heads(`${text}workload: { seed_rows: ${rows}${workload} }\n`);
  };
  const APP =
    '\n  regions: { east: { role: active, app: { instances: 1, capacity: 50000/s } }, west: { role: standby, app: { capacity: 200/s } } }';
  const LINK = '\n  links: { clients-east: { latency: 55ms } }';

  it('are fine as long as the app serves them in their time', () => {
    expect(seeded(15_000)).to.deep.equal([]);
  });

  it('are warned of where a busy machine would not write them in time', () => {
    const [line, ...others] = seeded(16_001);
    expect(others).to.deep.equal([]);
    expect(line).to.contain('warning: workload.seed_rows: 16001 rows take longer than 50 s on a');
    expect(line).to.contain('16 at once, 50 ms each; 16000 would do');
    expect(seeded(16_000)).to.deep.equal([]);
  });

  it('are refused where the app does not serve so many', () => {
    expect(seeded(20_000).join()).not.to.contain('error');
    expect(seeded(20_001)).to.deep.equal([
      'a.yaml:8:24: error: workload.seed_rows: 20001 rows cannot be written in 50 s, which is all ' +
        'the time for them: at most 400/s (what the app serves); 20000 can',
    ]);
  });

  it('are refused where so many at once take longer, however fast the app is', () => {
    expect(seeded(160_000, APP).join()).not.to.contain('error');
    expect(seeded(160_001, APP)[0]).to.contain('at most 3200/s (16 at once); 160000 can');
  });

  it('take as long as their way', () => {
    // 16 at once, each 110 ms on its way and 5 ms at the app.
    expect(seeded(7_000, LINK)[0]).to.contain('at most 139/s (16 at once); 6956 can');
    expect(seeded(6_956, LINK).join()).not.to.contain('error');
  });
});
