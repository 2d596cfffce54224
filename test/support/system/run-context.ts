// A run's context without a system, for the parts of the engine that need none: a manual clock, a
// list of events.
import { startWorkload } from '../../../src/workload/clients.ts';
import { Scope } from '../../../src/engine/frame/scope.ts';
import type { Parts, RunContext } from '../../../src/engine/frame/context.ts';
import type { Emit, RunEvent } from '../../../src/evidence/event.ts';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import { ManualClock } from '../manual-clock.ts';
import { nobody } from '../nobody.ts';

export class ContextInTest {
  readonly clock = new ManualClock();
  readonly events: RunEvent[] = [];
  readonly stop = new AbortController();
  readonly run: RunContext;

  constructor(plan: Plan, changes: Partial<RunContext> = {}, parts: Partial<Parts> = {}) {
    const { clock } = this;
    const emit: Emit = (event, body, t = clock.now()) => {
      this.events.push(Object.assign({ t, event }, body) as RunEvent);
    };
    const place = { id: 'in-test', directory: '/none', logs: '/none', scratch: '/none' };
    const none = () => Promise.reject(new Error('there is no system in this test'));
    this.run = {
      ...{ plan, place, clock, emit, origin_ms: 0, environment: {}, operator: nobody },
      key: '0'.repeat(32),
      parts: {
        runtime: { up: none },
        faults: [],
        recoveries: [],
        startClients: startWorkload,
        ...parts,
      },
      scope: new Scope({ append: () => {} }, clock, '/none'),
      ...{ signal: this.stop.signal, kill: new AbortController().signal },
      fail: (error) => this.stop.abort(error),
      ...changes,
    };
  }

  names(): string[] {
    return this.events.map(({ event }) => event);
  }
}
