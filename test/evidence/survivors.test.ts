// The survivors file: readings count only when they are complete.
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { HEADER_BYTES, RECORD_BYTES, RecordWriter } from '../../src/evidence/ledger/record.ts';
import {
  appendSurvivors,
  createSurvivors,
  payloadNotTold,
  readSurvivors,
} from '../../src/evidence/survivors.ts';
import { header, rowOf, survivorRows } from '../support/evidence/synthetic.ts';

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
    const { readings, problems } = readSurvivors(file, header);
    expect(problems).to.deep.equal([]);
    expect([...readings.keys()]).to.deep.equal(['serving', 'old-primary']);
    expect(readings.get('serving')).to.deep.equal(survivorRows(rows));
  });

  it('do not hold for altered what was not told', () => {
    const survivors = createSurvivors(file);
    survivors.begin('serving');
    survivors.row(payloadNotTold({ writer: 3, sequence: 1 }));
    survivors.end();
    survivors.close();
    const { altered, writer } = readSurvivors(file, header).readings.get('serving')!;
    expect([[...altered], [...writer]]).to.deep.equal([[0], [3]]);
  });

  it('tell which payloads are not as they were sent; without a ledger, all of them', () => {
    const survivors = createSurvivors(file);
    survivors.begin('serving');
    const changes = [{}, { digest_high: 1 }, { digest_low: 1 }, { payload_bytes: 1 }];
    for (const change of changes) survivors.row({ ...rows[0]!, ...change });
    survivors.end();
    survivors.close();
    const altered = (sent: typeof header | null) => [
      ...readSurvivors(file, sent).readings.get('serving')!.altered,
    ];
    expect(altered(header)).to.deep.equal([0, 1, 1, 1]);
    expect(altered({ ...header, seed: header.seed + 1 })).to.deep.equal([1, 1, 1, 1]);
    expect(altered(null)).to.deep.equal([1, 1, 1, 1]);
  });

  it('say so of a damaged record at the very end, though all readings are whole', () => {
    writeServing();
    writeFileSync(file, Buffer.alloc(RECORD_BYTES, 7), { flag: 'a' });
    const { readings, problems } = readSurvivors(file, header);
    expect([...readings.keys()]).to.deep.equal(['serving']);
    expect(problems).to.have.length(1);
  });

  it('leave out a reading that was not finished', () => {
    const survivors = createSurvivors(file);
    survivors.begin('serving');
    survivors.row(rows[0]!);
    survivors.close();
    const { readings, problems } = readSurvivors(file, header);
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
    const { readings, problems } = readSurvivors(file, header);
    expect([...readings.keys()]).to.deep.equal(['serving']);
    expect(problems).to.deep.equal([]);
  });

  it('leave out a reading with a damaged row', () => {
    writeServing();
    const bytes = readFileSync(file);
    bytes[HEADER_BYTES + 2 * RECORD_BYTES + 9]! ^= 4;
    writeFileSync(file, bytes);
    const { readings, problems } = readSurvivors(file, header);
    expect(readings.size).to.equal(0);
    expect(problems.join()).to.contain('checksum').and.contain('missing');
  });

  it('say so when the end is torn', () => {
    writeServing();
    truncateSync(file, HEADER_BYTES + 3 * RECORD_BYTES + 1);
    expect(readSurvivors(file, header).problems.join()).to.contain('torn');
  });

  it('keep a row whose id no client can have, under an id that nobody uses', () => {
    const survivors = createSurvivors(file);
    survivors.begin('serving');
    survivors.row({ ...rows[0]!, writer: 65_537 });
    survivors.row({ ...rows[0]!, sequence: -1 });
    survivors.end();
    survivors.close();
    const serving = readSurvivors(file, header).readings.get('serving')!;
    expect([...serving.sequence]).to.deep.equal([0, 0]);
    expect([...serving.writer]).to.deep.equal([0xffff, 0xffff]);
  });

  it('are gone on with after they were closed, and no file stays open', () => {
    const before = readdirSync('/proc/self/fd').length;
    writeServing();
    const more = appendSurvivors(file);
    more.begin('after-failback');
    more.row(rows[3]!);
    more.end();
    more.close();
    const { readings, problems } = readSurvivors(file, header);
    expect(problems).to.deep.equal([]);
    expect([...readings.keys()]).to.deep.equal(['serving', 'after-failback']);
    expect(readings.get('after-failback')).to.deep.equal(survivorRows([rows[3]!]));
    expect(readdirSync('/proc/self/fd')).to.have.lengthOf(before);
  });

  it('say which reading was not finished, whether the next began or the file ends', () => {
    const survivors = createSurvivors(file);
    survivors.begin('serving');
    survivors.begin('peer');
    survivors.close();
    expect(readSurvivors(file, header)).to.deep.equal({
      readings: new Map(),
      problems: ['the reading "serving" was not finished', 'the reading "peer" was not finished'],
    });
  });

  it('say what a record is that belongs nowhere, or that nobody knows', () => {
    const [begin, row, end, unknown] = [1, 2, 3, 9];
    const records = new RecordWriter(file, { schema: 'drill.survivors/1' });
    const append = (type: number, reading: number) =>
      records.append((view, at) => {
        view.setUint8(at, type);
        view.setUint8(at + 1, reading);
      });
    append(row, 0); // before any reading
    append(begin, 99); // of no known reading
    append(begin, 0);
    append(row, 1); // of another reading
    append(unknown, 0);
    append(end, 0);
    records.close();
    const at = (record: number) => HEADER_BYTES + record * RECORD_BYTES;
    expect(readSurvivors(file, header).problems).to.deep.equal([
      `a record outside of any reading (3 times, first at byte ${at(0)})`,
      `a record of an unknown type (at byte ${at(4)})`,
    ]);
    expect(readSurvivors(file, header).readings.get('serving')!.count).to.equal(0);
  });

  it('miss rows where fewer are there than were counted, and are torn at their end', () => {
    writeServing();
    const bytes = readFileSync(file);
    bytes[HEADER_BYTES + RECORD_BYTES + 9]! ^= 4;
    writeFileSync(file, bytes);
    const damaged = `a record with a wrong checksum (at byte ${HEADER_BYTES + RECORD_BYTES})`;
    const missing = 'rows are missing from the reading "serving"';
    expect(readSurvivors(file, header).problems).to.deep.equal([damaged, missing]);
    truncateSync(file, HEADER_BYTES + RECORD_BYTES + 1);
    expect(readSurvivors(file, header).problems).to.deep.equal([
      ...['the reading "serving" was not finished', 'its end is torn'],
    ]);
  });

  it('keep every id that a client can have as it is', () => {
    const most = [0xffff, 2 ** 32 - 1] as const;
    const ids = [[0, 0], most, [65_536, 1], [1, 2 ** 32], [1.5, 1], [1, 1.5], [-1, 1]] as const;
    const survivors = createSurvivors(file);
    survivors.begin('serving');
    for (const [writer, sequence] of ids) survivors.row({ ...rows[0]!, writer, sequence });
    survivors.end();
    survivors.close();
    const { writer, sequence } = readSurvivors(file, header).readings.get('serving')!;
    const read = [...writer].map((each, at) => [each, sequence.at(at)]);
    expect(read).to.deep.equal([[0, 0], most, ...ids.slice(2).map(() => [0xffff, 0])]);
  });
});
