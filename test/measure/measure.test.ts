// The measurement joins its parts: every number comes from its room, and what speaks against any of
// them is told once, in an order that says why first.
import { expect } from 'chai';
import type { RunEvent } from '../../src/evidence/event.ts';
import { measure } from '../../src/measure/measure.ts';
import { measureSmall, smallDrive, smallGone, smallJournal } from '../support/evidence/small.ts';
import { fromEast } from '../support/evidence/synthetic.ts';
import { evidenceOfTwo } from '../support/evidence/two-stores.ts';

const event = (body: object): RunEvent => body as RunEvent;
const reasons = (parts: Parameters<typeof measureSmall>[0]) =>
  measureSmall(parts).doubts.map(({ reason }) => reason);

const jumped = event({ t: 500, event: 'clock.jumped', ms: 900 });
const JUMPED = 'The clock jumped 900 ms forwards during the run.';
const problems = [{ file: 'ledger.bin', problem: 'it ends early' }] as const;
const DAMAGED = 'ledger.bin is damaged: it ends early.';
const SILENT_WITNESS = /^The docker engine never said that east\//;
const onCompose = event({ t: 0, event: 'topology.up', runtime: 'compose' });

describe('a measurement', () => {
  it('has every number of a run that went well, and nothing against it', () => {
    const preview = { region: 'east', bytes: 10, ms: 2, detail: '' };
    const more = [
      event({ t: 290, event: 'exposure.previewed', ...preview }),
      event({
        t: 2_500,
        event: 'convergence.checked',
        rows: 4,
        differing: 0,
        ok: true,
        detail: '',
      }),
    ];
    const all = measureSmall({ events: smallJournal({}, more) });
    expect([all.doubts, all.failures]).to.deep.equal([[], []]);
    expect(all.recovery!.rto.value).to.equal(102);
    expect(all.loss!.rpo.value).to.equal(0);
    expect(all.stores.map(({ store, loss }) => [store, loss!.rpo.value])).to.deep.equal([
      ['orders', 0],
    ]);
    expect(all.exposure).to.deep.equal(preview);
    expect(all.divergence).to.include({ rows: 4, ok: true });
    expect([all.cost, all.failback]).to.deep.equal([null, null]);
  });

  it('has no number of a disaster that never came, and says first why', () => {
    const events = smallJournal({ 'fault.started': null, 'fault.injected': null }, [jumped]);
    const { doubts, failures, ...nothing } = measureSmall({ events, problems });
    expect(nothing).to.deep.equal({
      ...{ recovery: null, loss: null, stores: [], failback: null, divergence: null },
      unprotected: null,
      baseline: null,
      ...{ cost: null, exposure: null },
    });
    expect(failures).to.deep.equal([]);
    expect(doubts.map(({ reason }) => reason)).to.deep.equal([
      JUMPED,
      'The disaster was never injected, so there is nothing to measure.',
      DAMAGED,
    ]);
  });

  it('tells of damaged files first where the disaster came', () => {
    const events = smallJournal({}, [jumped]);
    expect(reasons({ events, problems }).slice(0, 2)).to.deep.equal([DAMAGED, JUMPED]);
  });

  it('asks the witness, whether the disaster came or only another fault', () => {
    expect(reasons({ events: smallJournal({}, [onCompose]) }).join('\n')).to.match(SILENT_WITNESS);
    const events = smallJournal({}, [onCompose]).map((each): RunEvent => {
      return each.event === 'fault.started' ? { ...each, disaster: false } : each;
    });
    expect(measureSmall({ events }).recovery).to.equal(null);
    expect(reasons({ events }).some((reason) => SILENT_WITNESS.test(reason))).to.equal(true);
  });

  it('holds the ledger, the heal and the verification against it', () => {
    const heard = smallDrive((now, index) => (now === 500 ? fromEast : smallGone(100)(now, index)));
    expect(reasons({ ops: heard })[0]).to.match(/did not last: while its nodes were dead/);
    const healed = { t: 900, event: 'fault.healed', index: 0, by: 'end', gone: ['toxic a'] };
    const gone = smallJournal({}, [event(healed)]);
    expect(reasons({ events: gone })[0]).to.match(/did not last: when it was healed/);
    expect(reasons({ events: smallJournal({ 'verification.checked': null }) })).to.deep.equal([
      'The serving database was never verified.',
    ]);
  });

  it('names the store that a doubt is about where there are two, and measures both', () => {
    const drop = ({ event: name }: RunEvent) => name === 'marker.written';
    const { doubts, stores } = measure(evidenceOfTwo({ drop }));
    const none = 'No marker was written, so nothing proves which database serves.';
    expect(doubts.map(({ reason }) => reason)).to.deep.equal([
      ...[`PostgreSQL: ${none}`, `Redis: ${none}`],
    ]);
    expect(stores.map(({ store }) => store)).to.deep.equal(['orders', 'carts']);
    expect(reasons({ events: smallJournal({ 'marker.written': null }) })).to.deep.equal([none]);
  });
});
