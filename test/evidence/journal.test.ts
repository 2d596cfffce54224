// How stores are named in a journal: by their engine, as in every version; code has their roles.
import { expect } from 'chai';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createJournal, readJournal } from '../../src/evidence/journal.ts';
import type { RunEvent } from '../../src/evidence/event.ts';

describe('the stores of a journal', () => {
  let folder: string;
  const file = () => join(folder, 'journal.ndjson');

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'drill-journal-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('are written by their engines, and read as they were', () => {
    const events: RunEvent[] = [
      { t: 1, event: 'seed.written', store: 'carts', rows: 3 },
      { t: 2, event: 'workload.stopped', store: 'orders' },
      { t: 3, event: 'verification.checked', checks: [] },
      { t: 4, event: 'verification.checked', store: 'carts', checks: [] },
    ];
    const journal = createJournal(file());
    for (const event of events) journal.append(event);
    journal.close();
    expect(() => journal.append(events[0]!)).to.throw(/EBADF/);
    const names = readFileSync(file(), 'utf8').match(/"store":"\w+"/g);
    expect(names).to.deep.equal(['"store":"redis"', '"store":"postgres"', '"store":"redis"']);
    expect(readJournal(file()).events).to.deep.equal(events);
  });

  it('are the orders where an older version had no other, and named none', () => {
    writeFileSync(file(), '{"t":1,"event":"workload.stopped"}\n{"t":2,"event":"steady.ended"}\n');
    expect(readJournal(file()).events).to.deep.equal([
      { t: 1, event: 'workload.stopped', store: 'orders' },
      { t: 2, event: 'steady.ended' },
    ]);
  });
});
