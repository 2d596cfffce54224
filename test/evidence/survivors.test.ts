// The survivors file: readings count only when they are complete.
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { HEADER_BYTES, RECORD_BYTES } from '../../src/evidence/ledger/record.ts';
import { createSurvivors, readSurvivors } from '../../src/evidence/survivors.ts';
import { rowOf, survivorRows } from '../support/evidence/synthetic.ts';

describe('the survivors', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'drill-test-'));
    file = join(folder, 'survivors.bin');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const rows = [1, 2, 2, 5].map((sequence) => rowOf({ writer: 3, sequence }));

  function writeServing(): void {
    const survivors = createSurvivors(file);
    survivors.begin('serving');
    for (const row of rows) survivors.row(row);
    survivors.end();
    survivors.close();
  }

  it('give back the rows of every reading, duplicates included', () => {
    const survivors = createSurvivors(file);
    for (const reading of ['serving', 'old-primary'] as const) {
      survivors.begin(reading);
      for (const row of rows) survivors.row(row);
      survivors.end();
    }
    survivors.close();
    const { readings, problems } = readSurvivors(file);
    expect(problems).to.deep.equal([]);
    expect([...readings.keys()]).to.deep.equal(['serving', 'old-primary']);
    expect(readings.get('serving')).to.deep.equal(survivorRows(rows));
  });

  it('leave out a reading that was not finished', () => {
    const survivors = createSurvivors(file);
    survivors.begin('serving');
    survivors.row(rows[0]!);
    survivors.close();
    const { readings, problems } = readSurvivors(file);
    expect(readings.size).to.equal(0);
    expect(problems.join()).to.contain('not finished');
  });

  it('leave out a reading that was abandoned, which is no damage', () => {
    const survivors = createSurvivors(file);
    survivors.begin('old-primary');
    survivors.row(rows[0]!);
    survivors.abandon();
    survivors.begin('serving');
    survivors.row(rows[1]!);
    survivors.end();
    survivors.close();
    const { readings, problems } = readSurvivors(file);
    expect([...readings.keys()]).to.deep.equal(['serving']);
    expect(problems).to.deep.equal([]);
  });

  it('leave out a reading with a damaged row', () => {
    writeServing();
    const bytes = readFileSync(file);
    bytes[HEADER_BYTES + 2 * RECORD_BYTES + 9]! ^= 4;
    writeFileSync(file, bytes);
    const { readings, problems } = readSurvivors(file);
    expect(readings.size).to.equal(0);
    expect(problems.join()).to.contain('checksum').and.contain('missing');
  });

  it('say so when the end is torn', () => {
    writeServing();
    truncateSync(file, HEADER_BYTES + 3 * RECORD_BYTES + 1);
    expect(readSurvivors(file).problems.join()).to.contain('torn');
  });

  it('keep a row whose id no client can have, under an id that nobody uses', () => {
    const survivors = createSurvivors(file);
    survivors.begin('serving');
    survivors.row({ ...rows[0]!, writer: 65_537 });
    survivors.row({ ...rows[0]!, sequence: -1 });
    survivors.end();
    survivors.close();
    const serving = readSurvivors(file).readings.get('serving')!;
    expect([...serving.sequence]).to.deep.equal([0, 0]);
    expect([...serving.writer]).to.deep.equal([0xffff, 0xffff]);
  });
});
