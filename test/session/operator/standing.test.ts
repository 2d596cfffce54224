// What a run waits for people to do, at each place of its journal.
import { expect } from 'chai';
import type { RunEvent } from '../../../src/evidence/event.ts';
import { askedIn, heldIn } from '../../../src/session/operator/standing.ts';

const event = (body: object): RunEvent => ({ t: 0, ...body }) as RunEvent;
const asked = (order: string) => event({ event: 'operator.asked', question: `${order}?`, order });
const held = event({ event: 'run.held', before: 'the fault', by: 'ada' });
const released = event({ event: 'run.released', by: 'ada', order: 'step', ms: 1 });

describe('what a run waits for', () => {
  it('is a question until it is answered, in whichever way', () => {
    expect(askedIn([])).to.equal(null);
    const confirm = asked('confirm');
    expect(askedIn([asked('declare'), confirm])).to.equal(confirm);
    expect(askedIn([confirm, event({ event: 'step.started' })])).to.equal(confirm);
    for (const name of [
      ...['disaster.declared', 'disaster.undeclared', 'step.confirmed', 'step.failed'],
      'phase.ended',
    ]) {
      expect(askedIn([confirm, event({ event: name })]), name).to.equal(null);
    }
  });

  it('is somebody who lets it go on, while it is held', () => {
    expect(heldIn([])).to.equal(null);
    expect(heldIn([held, asked('declare')])).to.equal('the fault');
    expect(heldIn([held, released])).to.equal(null);
    expect(heldIn([held, released, held])).to.equal('the fault');
  });
});
