// Waiting by looking again and again: what is found, what is not by the deadline, and a stop.
import { expect } from 'chai';
import { until } from '../../src/host/clock.ts';
import { ManualClock } from '../support/manual-clock.ts';

describe('looking until something is there', () => {
  it('finds it at once, or at the look that sees it', async () => {
    const clock = new ManualClock();
    const waiting = { clock, deadline_ms: 100, every_ms: 10 };
    expect(await until(waiting, async () => 'there')).to.equal('there');
    const going = until(waiting, async () => (clock.now() >= 30 ? clock.now() : null));
    for (let i = 0; i < 5; i++) await clock.advance(10);
    expect(await going).to.equal(30);
  });

  it('looks once more after the deadline, and gives up', async () => {
    const clock = new ManualClock();
    const looks: number[] = [];
    const going = until({ clock, deadline_ms: 20, every_ms: 10 }, async () => {
      looks.push(clock.now());
      return null;
    });
    await clock.advance(0);
    for (let i = 0; i < 5; i++) await clock.advance(10);
    expect([await going, looks]).to.deep.equal([null, [0, 10, 20, 30]]);
  });

  it('ends with the stop, and with what a look rejects with', async () => {
    const clock = new ManualClock();
    const stop = new AbortController();
    const waiting = { clock, deadline_ms: 100, every_ms: 10, signal: stop.signal };
    const going = until(waiting, async () => null).catch((error: Error) => error.message);
    await clock.advance(0);
    stop.abort(new Error('Ctrl-C'));
    expect(await going).to.equal('Ctrl-C');
    const failing = until({ clock, deadline_ms: 1, every_ms: 1 }, () =>
      Promise.reject(new Error('gone')),
    );
    expect(await failing.catch((error: Error) => error.message)).to.equal('gone');
  });
});
