// A ledger that is not as its writer left it, record by record: what is wrong is said, with its
// place, and the rest is read. The records are sealed, so that only what they say is wrong.
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
import { EvidenceError } from '../../../src/evidence/evidence-error.ts';
import { followLedger, readLedger } from '../../../src/evidence/ledger/ledger-reader.ts';
import { createLedger, LEDGER_RECORD } from '../../../src/evidence/ledger/ledger.ts';
import { OPERATION_KIND, OUTCOME } from '../../../src/evidence/ledger/operation.ts';
import { HEADER_BYTES, RECORD_BYTES, RecordWriter } from '../../../src/evidence/ledger/record.ts';
import { header } from '../../support/evidence/synthetic.ts';

const id = { kind: OPERATION_KIND.update, writer: 0x0102, sequence: 0x01020304 };
const sent = { ...id, scheduled_ms: 1.25, sent_ms: 1.5 };
const acknowledged = {
  ...id,
  ...{ outcome: OUTCOME.acknowledged, done_ms: 2.25, node: 1, timeline: 0x0304, flags: 2 },
};

describe('a ledger that is not whole', () => {
  let folder = '';
  let file = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'drill-damage-'));
    file = join(folder, 'ledger.bin');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const openFiles = () => readdirSync('/proc/self/fd').length;
  const placeOf = (record: number) => HEADER_BYTES + record * RECORD_BYTES;

  /** Records as they are given: a type, and the number at byte 8. */
  function write(records: readonly (readonly [type: number, number: number])[]): void {
    const writer = new RecordWriter(file, header);
    for (const [type, number] of records) {
      writer.append((view, at) => {
        view.setUint8(at, type);
        view.setFloat64(at + 8, number, true);
      });
    }
    writer.close();
  }

  it('of an absurd size is an error in words, before any of it is read', () => {
    write([]);
    truncateSync(file, 2 ** 36 + 4_096);
    expect(() => readLedger(file)).to.throw(
      EvidenceError,
      'expected at most 2,147,483,647 records, its size has room for 2,147,483,648',
    );
  });

  it('is read with every field as it was written, and then closed', () => {
    const before = openFiles();
    const ledger = createLedger(file, header);
    ledger.send(sent);
    ledger.outcome(acknowledged);
    ledger.unsent({ ...sent, sequence: 2 }, 2);
    ledger.close();
    ledger.close(); // whoever closes it twice has closed it
    const { operations, problems } = readLedger(file);
    expect(problems).to.deep.equal([]);
    const row = Object.fromEntries(
      Object.entries(operations).map(([name, column]) => [
        name,
        name === 'count' ? column : (column as Iterable<number>)[Symbol.iterator]().next().value,
      ]),
    );
    expect(row).to.deep.equal({ count: 2, ...sent, ...acknowledged, ledger: 0 });
    expect([operations.scheduled_ms.at(1), operations.flags.at(1)]).to.deep.equal([1.25, 2]);
    expect(openFiles()).to.equal(before);
  });

  it('has a record that makes no sense, of no known type, or after its end', () => {
    const { send, end } = LEDGER_RECORD;
    write([
      [send, NaN],
      [99, 0],
      [end, 2],
      [send, 1],
      [end, 2],
    ]);
    expect(readLedger(file).problems).to.deep.equal([
      `a send record that makes no sense (at byte ${placeOf(0)})`,
      `a record of an unknown type (at byte ${placeOf(1)})`,
      `a record after the end of the ledger (2 times, first at byte ${placeOf(3)})`,
    ]);
  });

  it('has a send without a time', () => {
    const ledger = createLedger(file, header);
    ledger.send({ ...sent, sent_ms: NaN });
    ledger.send({ ...sent, sequence: 2, sent_ms: Infinity });
    ledger.close();
    const { operations, problems } = readLedger(file);
    expect(operations.count).to.equal(0);
    expect(problems).to.deep.equal([
      `a send record that makes no sense (2 times, first at byte ${placeOf(0)})`,
    ]);
  });

  it('ends with another number of records than there are', () => {
    write([[LEDGER_RECORD.end, 1]]);
    const wrong = `an end record with the wrong count (at byte ${placeOf(0)})`;
    expect(readLedger(file).problems).to.deep.equal([wrong]);
    write([[LEDGER_RECORD.end, 0]]);
    expect(readLedger(file).problems).to.deep.equal([]);
  });

  it('has no end, or is torn', () => {
    write([]);
    const never = 'it was never closed, so operations may be missing at its end';
    expect(readLedger(file).problems).to.deep.equal([never]);
    write([[LEDGER_RECORD.end, 0]]);
    truncateSync(file, placeOf(0) + 5);
    expect(readLedger(file).problems).to.deep.equal(['its end is torn: 5 bytes of a record of 32']);
  });

  it('is not opened where its header lacks something, or has another kind of it', () => {
    const bad = {
      run: 3,
      store: null,
      seed: 1.5,
      payload_bytes: '64',
      nodes: 'east/app-1',
    } as const;
    const before = openFiles();
    for (const [name, value] of Object.entries(bad)) {
      const { [name as keyof typeof bad]: _, ...rest } = header;
      new RecordWriter(file, rest).close();
      const found = Object.keys(rest).join(', ');
      const words = 'expected a header with run, store, seed, payload_bytes and nodes, found';
      expect(() => readLedger(file)).to.throw(EvidenceError, `${file}: ${words} ${found}`);
      new RecordWriter(file, { ...header, [name]: value }).close();
      expect(() => readLedger(file), name).to.throw(EvidenceError, words);
    }
    new RecordWriter(file, { ...header, nodes: ['east/app-1', 3] }).close();
    expect(() => readLedger(file)).to.throw(EvidenceError, 'payload_bytes and nodes');
    expect(openFiles()).to.equal(before);
  });

  it('is waited for where it grows: a record that is not all there yet is none', () => {
    const ledger = createLedger(file, header);
    ledger.send(sent);
    ledger.send({ ...sent, sequence: 2 });
    ledger.flush();
    const whole = readFileSync(file);
    const half = Buffer.from(whole);
    half.fill(0, placeOf(1) + 16);
    writeFileSync(file, half);
    const before = openFiles();
    const follower = followLedger(file);
    expect(follower.look().operations.count).to.equal(1);
    writeFileSync(file, whole);
    expect(follower.look().operations.count).to.equal(2);
    follower.close();
    expect(openFiles()).to.equal(before);
    ledger.close();
  });
});
