// The file that ledger and survivors share: its header, its records, and reading it while it is
// written, cut or of somebody else.
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
import { EvidenceError, UnreadableError } from '../../../src/evidence/evidence-error.ts';
import {
  HEADER_BYTES,
  RECORD_BYTES,
  RecordReader,
  RecordWriter,
} from '../../../src/evidence/ledger/record.ts';

const SCHEMA = 'drill.test/1';
/** More records than are read or written at once. */
const MANY = 5_000;

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return null;
}

describe('a file of records', () => {
  let folder = '';
  let file = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'drill-record-'));
    file = join(folder, 'records.bin');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const openFiles = () => readdirSync('/proc/self/fd').length;
  const writer = (header: object | 'go on' = { schema: SCHEMA }) => new RecordWriter(file, header);
  const append = (records: RecordWriter, value: number) =>
    records.append((view, at) => view.setFloat64(at, value, true));
  const take = (reader: RecordReader, onEach = (_value: number) => {}): number[] => {
    const values: number[] = [];
    reader.advance(false, (view, at) => {
      values.push(view.getFloat64(at, true));
      onEach(values.at(-1)!);
    });
    return values;
  };
  const numbers = (count: number) => Array.from({ length: count }, (_, at) => at + 1);

  it('has zeros where a record says nothing, whatever one of before said there', () => {
    const records = writer();
    for (let at = 0; at < MANY; at++)
      records.append((view, to) => view.setFloat64(to + 8, 7, true));
    for (let at = 0; at < MANY; at++) records.append(() => {});
    records.close();
    const reader = new RecordReader(file, SCHEMA);
    const said: number[] = [];
    reader.advance(false, (view, at) => said.push(view.getFloat64(at + 8, true)));
    reader.close();
    expect(said.slice(0, MANY).every((each) => each === 7)).to.equal(true);
    expect(said.slice(MANY).filter((each) => each !== 0)).to.deep.equal([]);
    expect(said).to.have.length(2 * MANY);
  });

  it('has what was written, more than fits into one read, and is gone on with', () => {
    const before = openFiles();
    const records = writer();
    for (const value of numbers(MANY)) append(records, value);
    expect(records.count).to.equal(MANY);
    records.close();
    records.close(); // whoever closes it twice has closed it
    const more = writer('go on');
    expect(more.count).to.equal(MANY);
    append(more, MANY + 1);
    more.flush();
    more.flush(); // nothing is left to be written
    more.close();
    const reader = new RecordReader(file, SCHEMA);
    expect([reader.count(), reader.tornBytes()]).to.deep.equal([MANY + 1, 0]);
    expect(take(reader)).to.deep.equal(numbers(MANY + 1));
    expect(take(reader)).to.deep.equal([]);
    expect(reader.problems.list()).to.deep.equal([]);
    reader.close();
    expect(openFiles()).to.equal(before);
  });

  it('has a header of one length, with a checksum of eight digits', () => {
    let hasZero = false;
    for (const at of numbers(100)) {
      new RecordWriter(file, { at, schema: SCHEMA }).close();
      const text = readFileSync(file, 'utf8');
      hasZero ||= text.includes('"checksum":"0');
      expect(text).to.match(
        /^\{"at":\d+,"schema":"drill\.test\/1","checksum":"[0-9a-f]{8}"\} +\n$/,
      );
      expect(text).to.have.lengthOf(HEADER_BYTES);
    }
    expect(hasZero, 'one of them begins with a zero').to.equal(true);
    const around = JSON.stringify({ schema: SCHEMA, text: '', checksum: '01234567' }).length;
    const room = HEADER_BYTES - 1 - around;
    const long = { schema: SCHEMA, text: 'x'.repeat(room) };
    new RecordWriter(file, long).close();
    expect(new RecordReader(file, SCHEMA).header).to.deep.equal(long);
    const words = `${file}: its header takes more than 4095 bytes`;
    expect(() => new RecordWriter(file, { ...long, text: `${long.text}x` })).to.throw(
      EvidenceError,
      words,
    );
  });

  it('is another one’s where its header says so, and is not left open', () => {
    const before = openFiles();
    const bad = (text: string, words: string) => {
      writeFileSync(file, text);
      const told = `${file}: expected a header of ${SCHEMA}, found ${words}`;
      const error = thrownBy(() => new RecordReader(file, SCHEMA));
      expect(error).to.be.instanceOf(EvidenceError).with.property('message').that.contains(told);
    };
    bad('short', 'only 5 bytes');
    bad('{'.padEnd(HEADER_BYTES), 'something that is not JSON');
    bad('null'.padEnd(HEADER_BYTES), 'schema undefined');
    bad('{"schema":"other/1"}'.padEnd(HEADER_BYTES), 'schema "other/1"');
    const headed = JSON.stringify({ schema: SCHEMA, checksum: 'none' });
    bad(headed.padEnd(HEADER_BYTES), 'the checksum "none" where its text has "');
    expect(() => new RecordReader('/proc/self/mem', SCHEMA)).to.throw(UnreadableError, 'EIO');
    expect(openFiles()).to.equal(before);
  });

  it('has the bytes of every version, and nothing of the record before it', () => {
    const records = writer();
    records.append((view, at) => new Uint8Array(view.buffer, at, RECORD_BYTES).fill(0xa5));
    records.flush();
    records.append((view, at) => view.setUint8(at, 1));
    records.close();
    const bytes = readFileSync(file).subarray(HEADER_BYTES);
    const [first, second] = [bytes.subarray(0, 32), bytes.subarray(32)];
    expect(first.toString('hex')).to.equal(`${'a5'.repeat(28)}efe7d6c6`);
    expect(second.toString('hex')).to.equal(`01${'00'.repeat(27)}cc9c0f45`);
  });

  it('that grows is read past a damaged record, up to the one that is not all there', () => {
    const records = writer();
    for (const value of numbers(4)) append(records, value);
    records.close();
    const bytes = readFileSync(file);
    for (const at of [1, 3]) bytes[HEADER_BYTES + at * RECORD_BYTES]! ^= 1;
    writeFileSync(file, bytes);
    const reader = new RecordReader(file, SCHEMA);
    const values: number[] = [];
    reader.advance(true, (view, at) => values.push(view.getFloat64(at, true)));
    expect(values).to.deep.equal([1, 3]);
    const place = HEADER_BYTES + RECORD_BYTES;
    const problem = `a record with a wrong checksum (at byte ${place})`;
    expect(reader.problems.list()).to.deep.equal([problem]);
    reader.close();
  });

  it('says what is wrong with its records, by kind and the first place', () => {
    const records = writer();
    for (const value of numbers(4)) append(records, value);
    records.close();
    const bytes = readFileSync(file);
    for (const at of [1, 3]) bytes[HEADER_BYTES + at * RECORD_BYTES]! ^= 1;
    writeFileSync(file, bytes);
    const reader = new RecordReader(file, SCHEMA);
    expect(take(reader)).to.deep.equal([1, 3]);
    const first = HEADER_BYTES + RECORD_BYTES;
    expect(reader.problems.list()).to.deep.equal([
      `a record with a wrong checksum (2 times, first at byte ${first})`,
    ]);
    reader.close();
  });

  it('that is cut while it is read has what was there, and ends', () => {
    const records = writer();
    for (const value of numbers(MANY)) append(records, value);
    records.close();
    const reader = new RecordReader(file, SCHEMA);
    const read = take(reader, (value) => {
      if (value === 1) truncateSync(file, HEADER_BYTES + RECORD_BYTES / 2);
    });
    expect(read).to.deep.equal(numbers(read.length));
    expect(read.length).to.be.within(1, MANY - 1);
    expect([reader.count(), reader.tornBytes()]).to.deep.equal([0, RECORD_BYTES / 2]);
    truncateSync(file, HEADER_BYTES / 2 + 1);
    expect([reader.count(), reader.tornBytes()]).to.deep.equal([0, 0]);
    reader.close();
  });
});
