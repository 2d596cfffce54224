// Why writes are unknown on one runtime that are refused on another.
import { expect } from 'chai';
import { assess } from '../../src/verdict/assess.ts';
import {
  drive,
  evidenceOf,
  goneFor,
  hangs,
  journal,
  plan,
  refuses,
  type Reply,
} from '../support/evidence/synthetic.ts';

const COMPOSE = { runtime: 'compose', postgres: '17', proxy: 'toxiproxy 2.12.0', settings: {} };

function notesOf(runtime: string, meanwhile: Reply, region: 'dead' | 'isolated' = 'dead') {
  const facts = { ...COMPOSE, runtime };
  const events = journal({
    'topology.up': [{ t: 1, event: 'topology.up', nodes: [], endpoints: [], ...facts }],
  });
  const faults = plan.faults.map((fault) => ({ ...fault, effect: { ...fault.effect, region } }));
  const ops = drive(goneFor(600, () => meanwhile));
  const { notes } = assess(evidenceOf({ ops, events, plan: { ...plan, faults } }));
  return notes.filter((note) => note.includes('are unknown here'));
}

describe('the note on unknown writes', () => {
  it('stands where a proxy takes connections to a region that is dead', () => {
    expect(notesOf('compose', hangs)).to.deep.equal([
      'Toxiproxy takes connections to a region that is gone and then drops them, so that clients ' +
        'are told nothing: writes that are refused where nodes refuse connections are unknown here.',
    ]);
  });

  it('does not stand without them, where nodes refuse, or where the region is cut off', () => {
    expect(notesOf('compose', refuses)).to.deep.equal([]);
    expect(notesOf('embedded', hangs)).to.deep.equal([]);
    expect(notesOf('compose', hangs, 'isolated')).to.deep.equal([]);
    const unseen = journal({
      'fault.started': null,
      'topology.up': [{ t: 1, event: 'topology.up', nodes: [], endpoints: [], ...COMPOSE }],
    });
    const { notes, reasons } = assess(evidenceOf({ events: unseen }));
    expect(notes).to.deep.equal([]);
    expect(reasons.join()).to.not.contain('could not be measured');
    // What survived was never read, so that nobody knows how many are unknown.
    const events = [...unseen, ...journal()];
    const uncounted = assess(evidenceOf({ events, readings: {} }));
    expect(uncounted.loss).to.equal(null);
    expect(uncounted.notes.join()).to.not.contain('are unknown here');
    expect(uncounted.reasons.join()).to.not.contain('could not be measured');
  });
});
