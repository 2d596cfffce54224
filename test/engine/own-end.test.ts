// The end of what was broken in a system of somebody's own: what stands in one server alone is read
// before it is undone, also on schedule, and every server has to follow again, whoever mends it.
import { expect } from 'chai';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { heal } from '../../src/engine/end.ts';
import { Faults } from '../../src/engine/faults/faults.ts';
import { Vitals } from '../../src/engine/load/vitals.ts';
import { stopRun } from '../../src/engine/load/stop-run.ts';
import { Recovery } from '../../src/engine/recovery/recovery.ts';
import { runFile } from '../../src/evidence/run-files.ts';
import { readSalvage } from '../../src/evidence/salvage.ts';
import { payloadNotTold } from '../../src/evidence/survivors.ts';
import { command } from '../../src/fault/command.ts';
import type { AnyFault } from '../../src/fault/fault.ts';
import type { OwnSystem } from '../../src/topology/system/own.ts';
import type { System } from '../../src/topology/system/system.ts';
import { ownDrill } from '../support/plan/own-drill.ts';
import { planOf } from '../support/plan/plan-of.ts';
import { ContextInTest } from '../support/system/run-context.ts';

type Node = 'east/db1' | 'west/db2';
const NODES = ['east/db1', 'west/db2'] as const;

describe('the end of what was broken in somebody’s own system', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'drill-own-end-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  /**
   * Two servers in memory, which both take writes while the fault lasts: so each has a row that the
   * other one lacks. The undo has east follow west, where `follows`. `for`: when that is.
   */
  function scene(text: string, { follows = true } = {}) {
    const place = { id: 'in-test', directory: folder, logs: folder, scratch: folder };
    const parts = { faults: [command as AnyFault] };
    const test = new ContextInTest(planOf(text), { place }, parts);
    const rows: Record<Node, Set<number>> = { 'east/db1': new Set([1]), 'west/db2': new Set([1]) };
    let isBroken = false;
    const done: string[] = [];
    const failing = { reads: false };
    const guarded: boolean[] = [];
    const store = (node: Node) => {
      const facts = { timeline: 1, snapshot: '' };
      return {
        role: 'orders',
        node,
        replication: () => Promise.resolve(null),
        readRows: (onRow: (row: ReturnType<typeof payloadNotTold>) => void) => {
          done.push(`read ${node}`);
          if (failing.reads) return new Promise<never>(() => {});
          for (const sequence of rows[node]) onRow(payloadNotTold({ writer: 0, sequence }));
          return Promise.resolve({ rows: rows[node].size, ...facts });
        },
        rowsOf: (ids: readonly { readonly sequence: number }[]) => {
          const here = ids.filter(({ sequence }) => rows[node].has(sequence));
          const rest = { payload: '', region: '', created: '' };
          return Promise.resolve(here.map(({ sequence }) => ({ writer: 0, sequence, ...rest })));
        },
        stop: () => Promise.resolve(),
      };
    };
    const own = {
      folder,
      run: ([program]: readonly string[]) => {
        done.push(program!);
        isBroken = program === './off.sh';
        if (!isBroken) guarded.push(!faults.healing.signal.aborted);
        if (isBroken) rows['east/db1'].add(2) && rows['west/db2'].add(3);
        else if (follows) rows['east/db1'] = new Set(rows['west/db2']);
        return Promise.resolve();
      },
      bites: () => Promise.resolve({ ok: isBroken, detail: '' }),
      takingWrites: () => (isBroken ? NODES.map(store) : [store('west/db2')]),
      follow: () => {
        const ok = rows['east/db1'].size === rows['west/db2'].size && !rows['east/db1'].has(2);
        const name = 'what is written comes to east/db1';
        return Promise.resolve([{ name, ok, detail: 'it had not come' }]);
      },
    } as unknown as OwnSystem;
    const region = (name: string) => ({ name, stores: new Map([['orders', store(nodeIn(name))]]) });
    const system = {
      ...{ own, lab: null, directory: folder, region, backups: null, bidirectional: null },
      serving: () => Promise.resolve(['west']),
    } as unknown as System;
    const recovery = new Recovery(test.run, system);
    const faults = new Faults(system, recovery);
    const breaks = async () => {
      await test.clock.runUntil(
        faults.injectAll(test.run, test.run.plan.faults, 0, new Vitals([])),
      );
      await test.clock.runUntil(faults.proved());
    };
    const ends = async (more: { readonly returns?: true } = {}) => {
      const soFar = { system, faults, recovery, disaster_ms: faults.disaster_ms!, ...more };
      await test.clock.runUntil(heal(test.run, soFar, test.stop.signal));
    };
    return { test, faults, done, failing, guarded, breaks, ends };
  }
  const nodeIn = (region: string) => NODES.find((node) => node.startsWith(region))!;
  const salvaged = () => {
    const file = runFile(folder, 'salvage');
    return existsSync(file) ? readSalvage(file).values.map(({ sequence }) => sequence) : [];
  };
  const unread = ({ events }: ContextInTest) =>
    events.flatMap((each) => (each.event === 'survivors.read' && !each.ok ? [each.detail] : []));
  const followed = ({ events }: ContextInTest) =>
    events.flatMap((each) => (each.event === 'servers.followed' ? [each.ok] : []));

  for (const [when, fault] of [
    ['on schedule', 'for: 5s'],
    ['in the end', ''],
  ] as const) {
    it(`is after what one server alone holds was read: ${when}`, async () => {
      const { test, done, breaks, ends } = scene(ownDrill({ fault }));
      await breaks();
      if (fault !== '') await test.clock.advance(6_000);
      await ends();
      expect(done).to.deep.equal(['./off.sh', 'read east/db1', 'read west/db2', './on.sh']);
      expect(salvaged()).to.deep.equal([2]);
      expect(unread(test)).to.deep.equal([]);
      expect(followed(test)).to.deep.equal([true]);
    });
  }

  it('waits for no read that has no end, and says that nothing was read', async () => {
    const { test, done, failing, breaks, ends } = scene(ownDrill({ fault: 'for: 5s' }));
    failing.reads = true;
    await breaks();
    await ends();
    expect(done).to.deep.equal(['./off.sh', 'read east/db1', './on.sh']);
    expect(unread(test)).to.deep.equal(['it was not read within 30 s']);
  });

  it('comes first where the run is stopped, and says that nothing was read', async () => {
    const { test, done, breaks, ends } = scene(ownDrill());
    await breaks();
    stopRun(
      { emit: test.run.emit, fail: test.run.fail },
      { condition: 'it hurts', found: 'so', verdict: 'inconclusive' },
    );
    await ends();
    expect(done).to.deep.equal(['./off.sh', './on.sh']);
    expect(unread(test)).to.deep.equal(['the run was stopped, and all was undone at once']);
    expect(salvaged()).to.deep.equal([]);
  });

  it('is guarded until its time comes', async () => {
    const { test, faults, breaks, ends } = scene(ownDrill({ fault: 'for: 30s' }));
    await breaks();
    const ended = ends();
    await test.clock.advance(10_000);
    expect(faults.healing.signal.aborted).to.equal(false);
    await ended;
    expect(faults.healing.signal.aborted).to.equal(true);
  });

  it('is guarded until the last of several is undone', async () => {
    const fault = /  - .*\n.*\n/.exec(ownDrill())![0];
    const { guarded, breaks, ends } = scene(ownDrill().replace(fault, `${fault}${fault}`));
    await breaks();
    await ends();
    expect(guarded).to.deep.equal([true, false]);
  });

  describe('where nothing has to be undone', () => {
    const text = ownDrill().replace('undo: [./on.sh, db1]', 'undo: none');

    it('is that every server follows again, which is looked at', async () => {
      const { test, breaks, ends } = scene(text, { follows: false });
      await breaks();
      await ends();
      expect(salvaged()).to.deep.equal([2]);
      expect(followed(test)).to.deep.equal([false]);
    });

    for (const [what, more, looks] of [
      ['is left to the way back, where that makes the lost region anew', { returns: true }, []],
      ['is looked at where that way back does not come', {}, [false]],
    ] as const) {
      it(what, async () => {
        const back =
          'deadline: 40s, back: [{ command: [./b.sh], mark: follows }, { command: [./m.sh] }]';
        const { test, breaks, ends } = scene(
          `${text.replace('deadline: 40s }', `${back} }`)}failback: true\n`,
          { follows: false },
        );
        await breaks();
        await ends(more);
        expect(followed(test)).to.deep.equal(looks);
      });
    }
  });
});
