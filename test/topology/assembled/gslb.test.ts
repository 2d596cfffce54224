import { expect } from 'chai';
import { RegionWatch } from '../../../src/topology/assembled/gslb.ts';

const down = (region: string) => ({ region, detail: 'no answer', at_ms: 5 });

describe('the words of the GSLB', () => {
  it('tell whoever waits that a region is down, also where it is up again at once', async () => {
    const watch = new RegionWatch(() => {});
    const waiting = watch.untilDown('east');
    watch.take('region.down', down('west'));
    watch.take('region.down', down('east'));
    watch.take('region.up', { region: 'east', detail: '', at_ms: 6 });
    expect(await waiting).to.deep.equal(down('east'));
    expect(watch.down('east')).to.equal(undefined);
    expect(await watch.untilDown('west')).to.deep.equal(down('west'));
  });

  it('are waited for until the wait is given up, with its reason', async () => {
    const watch = new RegionWatch(() => {});
    const given = new AbortController();
    const waiting = watch.untilDown('east', given.signal).catch((error: unknown) => error);
    given.abort(new Error('no more'));
    expect(String(await waiting)).to.equal('Error: no more');
  });
});
