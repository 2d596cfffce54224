// What a drill file may say of faults on the GSLB.
import { expect } from 'chai';
import { heads } from '../../../support/plan/drill-file.ts';
import { LOST, of, refused } from '../../../support/plan/strategy-file.ts';

const told = (faults: readonly string[]) => heads(of('warm-standby', { faults }));

describe('a fault on the GSLB', () => {
  refused([
    'a GSLB that is lost for good',
    'warm-standby',
    { faults: ['at: 1s, kind: lose-gslb', LOST] },
    '7:21: error: faults.0.kind: without the GSLB no client finds service, and nobody sees a region go down: say how long it lasts, with for',
  ]);
  refused([
    'a GSLB that is lost before the steady state',
    'warm-standby',
    { faults: ['at: beforehand, kind: lose-gslb, for: 5s', LOST] },
    '7:11: error: faults.0.at: without the GSLB no client finds service, so that there is no steady state; lose-gslb needs a time after it',
  ]);
  refused([
    'answers that stand still until a recovery that waits for them is over',
    'warm-standby',
    { faults: ['at: 1s, kind: stale-dns', LOST] },
    '7:21: error: faults.0.kind: clients are not told where to go before it is over, and the recovery is not over before they are: say how long it lasts, with for',
  ]);
  refused([
    'two faults of the one GSLB at once',
    'warm-standby',
    {
      faults: ['at: 1s, kind: lose-gslb, for: 2s', 'at: 2s, kind: stale-dns, for: 20s', LOST],
    },
    '8:21: error: faults.1.kind: faults.0 (lose-gslb) can have the GSLB at the same time; let one be over before the other begins',
  ]);

  it('is fine before a disaster and beside it', () => {
    expect(told(['at: 1s, kind: lose-gslb, for: 2s', LOST])).to.deep.equal([]);
    expect(told(['at: beforehand, kind: stale-dns, for: 7s', LOST])).to.deep.equal([]);
  });

  it('makes targets impossible by how long it outlasts the disaster', () => {
    const [late] = told(['at: 1s, kind: lose-gslb, for: 30s', LOST]);
    expect(late).to.contain('detection and declaration alone can take');
    const [untold] = told(['at: 1s, kind: stale-dns, for: 30s', LOST]);
    expect(untold).to.contain('the DNS answers that clients keep (stale-dns, ttl: 1 s)');
  });

  it('is warned of where few clients would ask', () => {
    const asked = (lasts: string) => told([`at: 1s, kind: lose-gslb, for: ${lasts}`, LOST]).join();
    expect(asked('100ms')).to.match(/faults\.0\.for: 16 writers ask DNS every 1 s: few of them/);
    expect(asked('1s')).not.to.contain('ask DNS');
  });

  it('is refused where nothing would change in the answers', () => {
    const message =
      /error: faults\.\d\.kind: nothing would change in the answers while it lasts, so that it shows nothing/;
    const early = told(['at: 0s, kind: stale-dns, for: 500ms', LOST]);
    expect(early.join()).to.match(message);
    const standby = 'at: 1s, kind: kill-node, node: west/app-1, for: 3s';
    expect(told(['at: 0s, kind: stale-dns, for: 1s', standby, LOST]).join()).to.match(message);
    const unseen = 'at: 0s, kind: lose-network, region: east, of: replication, for: 1s';
    expect(told(['at: 0s, kind: stale-dns, for: 1s', unseen, LOST]).join()).to.match(message);
    const app = 'at: 0s, kind: kill-node, node: east/app-2, for: 1s';
    expect(told([app, 'at: 0s, kind: stale-dns, for: 1s', LOST])).to.deep.equal([]);
  });
});
