// What one server alone holds, read before each undo: a read that came too late adds nothing to the
// next one.
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Elsewhere } from '../../../src/engine/verification/read-elsewhere.ts';
import { runFile } from '../../../src/evidence/run-files.ts';
import { readSalvage } from '../../../src/evidence/salvage.ts';
import { payloadNotTold } from '../../../src/evidence/survivors.ts';
import type { System } from '../../../src/topology/system/system.ts';
import { ownDrill } from '../../support/plan/own-drill.ts';
import { planOf } from '../../support/plan/plan-of.ts';
import { ContextInTest } from '../../support/system/run-context.ts';

describe('what one server alone holds', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'drill-elsewhere-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('has nothing of a read that went on after its time', async () => {
    const place = { id: 'in-test', directory: folder, logs: folder, scratch: folder };
    const test = new ContextInTest(planOf(ownDrill()), { place });
    const { clock, run } = test;
    const facts = { timeline: 1, snapshot: '' };
    /** What east holds, and how long a read of it takes. */
    const east = { row: 8, takes_ms: 31_000 };
    const store = (node: string) => ({
      role: 'orders',
      node,
      readRows: async (onRow: (row: ReturnType<typeof payloadNotTold>) => void) => {
        if (node === 'west/db2') return { rows: 0, ...facts };
        const { row, takes_ms } = east;
        await clock.sleep(takes_ms);
        onRow(payloadNotTold({ writer: 0, sequence: row }));
        return { rows: 1, ...facts };
      },
      rowsOf: (ids: readonly { readonly sequence: number }[]) => {
        const rest = { writer: 0, payload: '', region: '', created: '' };
        return Promise.resolve(ids.map(({ sequence }) => ({ sequence, ...rest })));
      },
    });
    const system = {
      own: { takingWrites: () => ['east/db1', 'west/db2'].map(store) },
      region: () => ({ stores: new Map([['orders', store('west/db2')]]) }),
      serving: () => Promise.resolve(['west']),
    } as unknown as System;
    const elsewhere = new Elsewhere(system);
    const read = () => clock.runUntil(elsewhere.read(run, test.stop.signal));
    await read();
    Object.assign(east, { row: 9, takes_ms: 5_000 });
    await read();
    const told = test.events.flatMap((each) => (each.event === 'survivors.read' ? [each.ok] : []));
    expect(told).to.deep.equal([false, true]);
    const { values } = readSalvage(runFile(folder, 'salvage'));
    expect(values.map(({ sequence }) => sequence)).to.deep.equal([9]);
  });
});
