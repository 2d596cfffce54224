// Recoveries on `noop` that fail once the standby takes writes, before clients are led there: what
// was lost is counted in what was promoted, and the drill says so and does not pass.
import { expect } from 'chai';
import { OperationFailed } from '../../../src/host/operation-failed.ts';
import type { MemorySystem } from '../../support/noop/memory-system.ts';
import type { NoopRun } from '../../support/noop/noop-run.ts';
import { drilled, halfDone } from '../../support/noop/operators.ts';

const HELD = 3;
const NOT_LED = /clients are sent to where writes are taken: west\/postgres takes writes/;
const NOT_LED_STEP = halfDone('redirect', 1, 'nothing');

/** So many of the newest rows have not come to the standby when its primary dies. */
const held = (plant: (system: MemorySystem) => void = () => {}) => {
  return (run: NoopRun) => {
    run.plant((system) => {
      system.region('east').rows.get('orders')!.held = HELD;
      plant(system);
    });
  };
};
const readFrom = (run: NoopRun) =>
  run.named('survivors.read').filter(({ reading, ok }) => reading === 'serving' && ok);

describe('a recovery that fails after the promotion', () => {
  it('has its loss counted in what was promoted, and fails', async () => {
    const { run, result, why } = await drilled([NOT_LED_STEP], { plant: held() });
    expect(readFrom(run).map(({ node, timeline }) => [node, timeline])).to.deep.equal([
      ['west/postgres', 2],
    ]);
    expect(result.loss?.lost).to.equal(HELD);
    expect(result.verdict).to.equal('fail');
    expect(why).to.match(NOT_LED).and.contain('clients are sent to east; west was read');
    expect(why).not.to.contain('is not known');
    expect(result.gates.filter(({ verdict }) => verdict === 'pass')).to.deep.equal([]);
  });

  it('is counted where the GSLB cannot be asked by then', async () => {
    const gone = new OperationFailed({ what: 'gslb', expected: 'an answer', found: 'none' });
    const plant = held(({ deeds }) => {
      deeds.plant('promote west/postgres', () => {
        deeds.plant('ask the GSLB', () => Promise.reject(gone));
      });
    });
    const { result, why } = await drilled([NOT_LED_STEP], { plant });
    expect(result.loss?.lost).to.equal(HELD);
    expect(result.verdict).to.equal('fail');
    expect(why).to.match(NOT_LED).and.contain('nobody says where clients are sent');
  });

  it('says so where the old primary takes writes as well, where clients are sent', async () => {
    const plant = held((system) => {
      system.deeds.plant('promote west/postgres', () => {
        const east = system.region('east');
        east.state = 'running';
        void east.edge.restore();
      });
    });
    const { run, result, why } = await drilled([NOT_LED_STEP], { plant });
    expect(readFrom(run).map(({ node }) => node)).to.deep.equal(['east/postgres']);
    expect(why).to.match(/one region takes writes: west\/postgres .*, east\/postgres .*/);
    expect(why).not.to.match(NOT_LED);
    expect(result.verdict).to.equal('fail');
  });

  it('leaves the loss unknown where nothing was promoted', async () => {
    const { run, result, why } = await drilled([halfDone('promote', 1, 'nothing')]);
    expect(readFrom(run)).to.deep.equal([]);
    expect(result.loss).to.equal(null);
    expect(result.verdict).to.equal('fail');
    expect(why).to.contain('What survived in the serving database is not known');
    expect(why).not.to.match(NOT_LED);
  });
});
