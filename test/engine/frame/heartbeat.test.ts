// The runner notices that it stood still, and that the machine was suspended.
import { expect } from 'chai';
import { watchTheRunner } from '../../../src/engine/frame/heartbeat.ts';
import type { RunEvent } from '../../../src/evidence/event.ts';
import type { Clock } from '../../../src/host/clock.ts';

/** Each sleep takes one of the steps: how far the two clocks go on. */
async function watchThrough(steps: { now: number; wall: number }[]): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  const stop = new AbortController();
  let now = 0;
  let wall = 1e12;
  const clock: Clock = {
    now: () => now,
    wall: () => wall,
    sleep: async () => {
      const step = steps.shift()!;
      now += step.now;
      wall += step.wall;
      if (steps.length === 0) stop.abort();
    },
  };
  const emit = (event: string, body: object) => events.push({ t: now, event, ...body } as RunEvent);
  await watchTheRunner(clock, emit, stop.signal);
  return events;
}

describe('heartbeat', () => {
  it('is quiet while the runner gets to run', async () => {
    const usual = { now: 55, wall: 55 };
    expect(await watchThrough([usual, usual, { now: 200, wall: 201 }])).to.deep.equal([]);
  });

  it('reports a runner that stood still', async () => {
    const [event] = await watchThrough([{ now: 1_050, wall: 1_050 }]);
    expect(event).to.include({ event: 'runner.stalled', ms: 1_000 });
  });

  it('reports a machine that was suspended, while its monotonic clock stood still', async () => {
    const events = await watchThrough([{ now: 50, wall: 60_050 }]);
    expect(events).to.have.length(1);
    expect(events[0]).to.include({ event: 'clock.jumped', ms: 60_000 });
  });

  it('reports a wall clock that was set back', async () => {
    const events = await watchThrough([{ now: 50, wall: -5_000 }]);
    expect(events[0]).to.include({ event: 'clock.jumped', ms: -5_050 });
  });
});
