// Two servers that took writes at the same time, clients that were led to another server than the
// system calls its primary, and a server that never follows again: each fails a run.
import { expect } from 'chai';
import { TAKES_WRITES, type ServerState } from '../../../src/evidence/events/server-look.ts';
import type { RunEvent } from '../../../src/evidence/event.ts';
import { ownDoubts, ownFailures } from '../../../src/measure/loss/own-failures.ts';
import { Timeline, type Disaster } from '../../../src/measure/timeline.ts';
import { plan, TIMES } from '../../support/evidence/synthetic.ts';
import { ownDrill } from '../../support/plan/own-drill.ts';
import { planOf } from '../../support/plan/plan-of.ts';

const NODES = ['east/db1', 'west/db2'];
const disaster = { started_ms: TIMES.faultStarted } as Disaster;

function failures(...events: readonly RunEvent[]) {
  return ownFailures(new Timeline(plan, events), disaster);
}

const own = planOf(ownDrill());
const doubtsOf = (...events: readonly RunEvent[]) =>
  ownDoubts(new Timeline(own, events), disaster).map(({ reason }) => reason);

function overlapped(from_ms: number, to_ms: number, nodes = NODES): RunEvent {
  return { t: to_ms, event: 'primaries.overlapped', nodes, from_ms, to_ms };
}

describe('two primaries', () => {
  it('are told once for each two, to their end', () => {
    const from = TIMES.faultStarted + 20_000;
    const found = failures(
      overlapped(from, from + 250),
      overlapped(from, from + 500, ['east/db1', 'north/db3']),
      overlapped(from, from + 15_000),
    );
    expect(found).to.deep.equal([
      {
        code: 'two-primaries',
        text:
          'east/db1 and west/db2 both took writes, from 20 s to 35 s after the fault: ' +
          'the old primary was not fenced.',
      },
      {
        code: 'two-primaries',
        text:
          'east/db1 and north/db3 both took writes, from 20 s to 20.5 s after the fault: ' +
          'the old primary was not fenced.',
      },
    ]);
  });

  it('are told how often, where they were not all the time', () => {
    const from = TIMES.faultStarted + 20_000;
    const [only, ...others] = failures(
      overlapped(from, from + 250),
      overlapped(from, from + 500),
      overlapped(from + 5_000, from + 6_000),
    );
    expect(others).to.deep.equal([]);
    expect(only!.text).to.contain('both took writes, 2 times from 20 s to 26 s after the fault');
  });

  it('are none where nobody saw any', () => {
    expect(failures()).to.deep.equal([]);
  });

  const sought = (found: string[]): RunEvent => {
    const serving = 'west/db2';
    return { t: TIMES.cut, event: 'marker.sought', store: 'orders', serving, found };
  };

  it('are beside the marker that stands in another server alone', () => {
    expect(failures(sought(['east/db1']))).to.deep.equal([
      {
        code: 'written-elsewhere',
        store: 'postgres',
        text: 'What clients write goes to east/db1, and the system calls west/db2 its primary.',
      },
    ]);
    expect(failures(sought([]))).to.deep.equal([]);
  });
});

describe('a server that was lost', () => {
  const followed = (ok: boolean): RunEvent => {
    const check = { name: 'what is written comes to east/db1', ok, detail: 'it had not come' };
    return { t: TIMES.cut, event: 'servers.followed', ok, checks: [check], ms: 30_000 };
  };

  const text = (of: typeof plan) =>
    ownFailures(new Timeline(of, [followed(false)]), disaster).map((each) => each.text);

  it('is protected again once what is written comes to it, whatever it answers', () => {
    expect(failures(followed(true))).to.deep.equal([]);
    const [failure, ...others] = failures(followed(false));
    expect(failure).to.include({ code: 'not-protected' });
    expect(others).to.deep.equal([]);
    expect(text(own)).to.deep.equal([
      'Not protected again, 30 s after all was undone: ' +
        'what is written comes to east/db1? it had not come.',
    ]);
  });

  it('is that too where nothing had to be undone', () => {
    const mending = planOf(ownDrill().replace('undo: [./on.sh, db1]', 'undo: none'));
    expect(text(mending).join()).to.match(/^Not protected again, 30 s after the recovery: /);
  });

  it('is told by itself where no server takes writes any more', () => {
    const checks = [{ name: TAKES_WRITES, ok: false, detail: 'east/db1 is a standby' }];
    const event: RunEvent = {
      t: TIMES.cut,
      event: 'servers.followed',
      ok: false,
      checks,
      ms: 30_000,
    };
    expect(ownFailures(new Timeline(own, [event]), disaster)).to.deep.equal([
      {
        code: 'no-primary',
        text: `No server takes writes, 30 s after all was undone: east/db1 is a standby; ${DO}.`,
      },
    ]);
    const events = [event, ...left('standby', 'standby')];
    const told = ownFailures(new Timeline(own, events), disaster);
    expect(told.map(({ code }) => code)).to.deep.equal(['no-primary']);
  });

  const DO = 'have the tool of the system promote the one that has most, and then call drill clean';
  const left = (east: ServerState, west: ServerState): RunEvent[] => {
    const looks = [
      ['east/db1', 'primary'],
      ['west/db2', west],
      ['east/db1', east],
    ] as const;
    const seen = looks.map(([node, state], t): RunEvent => {
      return { t, event: 'server.seen', node, state, timeline: 1, detail: '' };
    });
    return [...seen, { t: TIMES.cut, event: 'watch.ended', over_ms: 1, nodes: [] }];
  };

  it('is told where none takes writes at the end of a run, however that ended', () => {
    expect(failures(...left('standby', 'primary'))).to.deep.equal([]);
    expect(failures(...left('refuses', 'silent'))).to.deep.equal([
      {
        code: 'no-primary',
        text:
          'No server took writes when the run ended: ' +
          `east/db1 lets nobody in, west/db2 is silent; ${DO}.`,
      },
    ]);
    expect(failures(...left('refuses', 'silent').slice(0, -1))).to.deep.equal([]);
  });
});

describe('what stood in one server alone', () => {
  const at = { t: TIMES.cut, event: 'survivors.read', store: 'orders' } as const;
  const read = (ok: boolean, detail = ''): RunEvent => {
    const nothing = { rows: 0, timeline: 0, snapshot: '' };
    return { ...at, reading: 'old-primary', node: NODES.join(' and '), ...nothing, ok, detail };
  };
  const both = overlapped(TIMES.faultStarted, TIMES.faultStarted + 1_000);

  it('is in doubt where it was not read before it was undone', () => {
    expect(doubtsOf(both, read(true))).to.deep.equal([]);
    expect(doubtsOf(read(true), read(false, 'all was undone at once'))).to.deep.equal([
      'What stood in one of east/db1 and west/db2 alone was not read before it was undone: ' +
        'all was undone at once.',
    ]);
  });

  it('is in doubt where two took writes, and somebody else undid it first', () => {
    expect(doubtsOf()).to.deep.equal([]);
    expect(doubtsOf(both)).to.deep.equal([
      'What stood in one of east/db1 and west/db2 alone was not read before it was undone.',
    ]);
  });
});
