// A run as a list of tasks: what is left out when one fails or the run is stopped, and what is not.
import { expect } from 'chai';
import { carryOut, tasksOver } from '../../../src/engine/frame/tasks.ts';
import { EnvironmentError } from '../../../src/host/environment-error.ts';
import { plan } from '../../support/evidence/results.ts';
import { ContextInTest } from '../../support/system/run-context.ts';

interface Facts {
  readonly prepared: true;
  readonly system: string;
}

/** Three phases and the two that always happen; `fail` is asked before each. */
function listOf(done: string[], fail: (phase: string) => void) {
  const { task, always } = tasksOver<Facts>();
  const does = (phase: string) => {
    done.push(phase);
    fail(phase);
  };
  return [
    task('prepare', [], async () => {
      does('prepare');
      return { prepared: true };
    }),
    task('up', ['prepared'], async () => {
      does('up');
      return { system: 'it' };
    }),
    task('seed', ['system'], async (_, { system }) => {
      does(`seed ${system}`);
      return {};
    }),
    always('heal', async () => does('heal')),
    always('down', async (_, { system }) => does(`down ${system}`)),
  ];
}

describe('the tasks of a run', () => {
  it('get what those before them made', async () => {
    const done: string[] = [];
    const { run } = new ContextInTest(plan);
    const facts = await carryOut(
      run,
      listOf(done, () => {}),
    );
    expect(facts).to.deep.equal({ prepared: true, system: 'it' });
    expect(done).to.deep.equal(['prepare', 'up', 'seed it', 'heal', 'down it']);
  });

  for (const [error, event] of [
    [new TypeError('x is not a function'), 'internal.failed'],
    [
      new EnvironmentError({ what: 'a', expected: 'b', found: 'c', hint: 'd' }),
      'environment.failed',
    ],
  ] as const) {
    it(`that need what a failed one did not make are left out (${event})`, async () => {
      const done: string[] = [];
      const test = new ContextInTest(plan);
      const fail = (phase: string) => {
        if (phase === 'up' || phase === 'heal') throw error;
      };
      await carryOut(test.run, listOf(done, fail));
      expect(done).to.deep.equal(['prepare', 'up', 'heal', 'down undefined']);
      expect(test.names().filter((name) => name === event)).to.have.length(2);
    });
  }

  it('are left out once the run is stopped, but for those that always happen', async () => {
    const done: string[] = [];
    const test = new ContextInTest(plan);
    const stop = (phase: string) => {
      if (phase === 'up') test.stop.abort(new Error('Ctrl-C'));
    };
    await carryOut(test.run, listOf(done, stop));
    expect(done).to.deep.equal(['prepare', 'up', 'heal', 'down it']);
  });
});
