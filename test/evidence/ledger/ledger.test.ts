// The ledger file: written, read back, and every kind of damage found.
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import * as fc from 'fast-check';
import { followLedger, readLedger } from '../../../src/evidence/ledger/ledger-reader.ts';
import { createLedger } from '../../../src/evidence/ledger/ledger.ts';
import { OPERATION_KIND, OUTCOME } from '../../../src/evidence/ledger/operation.ts';
import { EvidenceError } from '../../../src/evidence/evidence-error.ts';
import { HEADER_BYTES, RECORD_BYTES } from '../../../src/evidence/ledger/record.ts';
import { header } from '../../support/evidence/synthetic.ts';

const { write } = OPERATION_KIND;

describe('the ledger', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'drill-test-'));
    file = join(folder, 'ledger.bin');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const id = (sequence: number) => ({ kind: write, writer: 1, sequence });
  const send = (sequence: number) => ({
    ...id(sequence),
    scheduled_ms: sequence,
    sent_ms: sequence + 0.5,
  });
  const outcome = (sequence: number) => ({
    ...id(sequence),
    ...{ outcome: OUTCOME.acknowledged, done_ms: sequence + 2.25, node: 1, timeline: 3, flags: 2 },
  });

  function writeLedger(count: number): void {
    const ledger = createLedger(file, header);
    for (let sequence = 1; sequence <= count; sequence++) {
      ledger.send(send(sequence));
      ledger.outcome(outcome(sequence));
    }
    ledger.close();
  }

  it('gives back what was written', () => {
    const ledger = createLedger(file, header);
    ledger.send(send(1));
    ledger.send(send(2));
    ledger.outcome(outcome(2));
    ledger.unsent({ ...id(3), scheduled_ms: 7, sent_ms: NaN }, 2);
    ledger.close();
    const { operations, problems, header: seen } = readLedger(file);
    expect(problems).to.deep.equal([]);
    expect(seen).to.deep.equal(header);
    expect([...operations.outcome]).to.deep.equal([
      OUTCOME.unknown,
      OUTCOME.acknowledged,
      OUTCOME.unsent,
    ]);
    expect([...operations.sent_ms]).to.deep.equal([1.5, 2.5, NaN]);
    expect([...operations.done_ms]).to.deep.equal([NaN, 4.25, NaN]);
    expect([
      operations.node.at(1),
      operations.timeline.at(1),
      operations.flags.at(1),
    ]).to.deep.equal([1, 3, 2]);
    expect(operations.flags.at(2)).to.equal(2);
  });

  it('says so when its end is torn inside a record', () => {
    writeLedger(3);
    truncateSync(file, HEADER_BYTES + 4 * RECORD_BYTES + 5);
    const { operations, problems } = readLedger(file);
    expect(operations.count).to.equal(2);
    expect(problems.join()).to.contain('torn');
  });

  it('says so when its end is missing between two records', () => {
    writeLedger(3);
    truncateSync(file, HEADER_BYTES + 4 * RECORD_BYTES);
    expect(readLedger(file).problems.join()).to.contain('never closed');
  });

  it('finds any flipped bit', () => {
    writeLedger(5);
    const sound = readFileSync(file);
    const place = fc.integer({ min: HEADER_BYTES, max: sound.length - 1 });
    fc.assert(
      fc.property(place, fc.integer({ min: 0, max: 7 }), (at, bit) => {
        const flipped = Buffer.from(sound);
        flipped[at]! ^= 1 << bit;
        writeFileSync(file, flipped);
        expect(readLedger(file).problems).to.not.be.empty;
      }),
    );
  });

  it('finds any flipped bit of its header, a letter of a node name included', () => {
    writeLedger(1);
    const sound = readFileSync(file);
    const name = sound.indexOf('east/app-1');
    for (let at = 0; at < HEADER_BYTES; at++) {
      const flipped = Buffer.from(sound);
      flipped[at]! ^= 1 << (at % 8);
      writeFileSync(file, flipped);
      expect(() => readLedger(file), `byte ${at}`).to.throw(EvidenceError, 'expected a header');
    }
    sound.write('wast/app-1', name);
    writeFileSync(file, sound);
    expect(() => readLedger(file)).to.throw(EvidenceError, 'checksum');
  });

  it('finds a record that was taken out of the middle', () => {
    writeLedger(5);
    const bytes = readFileSync(file);
    const at = HEADER_BYTES + 2 * RECORD_BYTES;
    writeFileSync(file, Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + RECORD_BYTES)]));
    expect(readLedger(file).problems).to.not.be.empty;
  });

  it('finds a hole of zeros', () => {
    writeLedger(5);
    const bytes = readFileSync(file);
    bytes.fill(0, HEADER_BYTES + RECORD_BYTES, HEADER_BYTES + 2 * RECORD_BYTES);
    writeFileSync(file, bytes);
    expect(readLedger(file).problems).to.not.be.empty;
  });

  it('names outcomes without a send, second outcomes and second sends', () => {
    const ledger = createLedger(file, header);
    ledger.outcome(outcome(9));
    ledger.send(send(1));
    ledger.send(send(1));
    ledger.outcome(outcome(1));
    ledger.outcome(outcome(1));
    ledger.close();
    const text = readLedger(file).problems.join('; ');
    expect(text).to.contain('outcome without a send');
    expect(text).to.contain('sent twice');
    expect(text).to.contain('second outcome');
  });

  it('takes an incomplete end of a growing file as it is', () => {
    const ledger = createLedger(file, header);
    ledger.send(send(1));
    ledger.flush();
    appendFileSync(file, Buffer.alloc(7));
    const follower = followLedger(file);
    expect(follower.look().operations.count).to.equal(1);
    follower.close();
    ledger.close();
  });

  it('can be followed while it grows', () => {
    const ledger = createLedger(file, header);
    const follower = followLedger(file);
    expect(follower.look().operations.count).to.equal(0);
    for (let sequence = 1; sequence <= 5_000; sequence++) ledger.send(send(sequence));
    ledger.flush();
    expect(follower.look().operations.count).to.equal(5_000);
    ledger.outcome(outcome(4_000));
    ledger.flush();
    expect(follower.look().operations.outcome.at(3_999)).to.equal(OUTCOME.acknowledged);
    follower.close();
    ledger.close();
  });

  it('holds nothing back after a flush', () => {
    const ledger = createLedger(file, header);
    ledger.send(send(1));
    expect(readLedger(file).operations.count).to.equal(0);
    ledger.flush();
    expect(readLedger(file).operations.count).to.equal(1);
    ledger.close();
  });

  it('says what is wrong with a file that is no ledger', () => {
    const read = () => readLedger(file);
    expect(read).to.throw(EvidenceError, 'cannot be read');
    writeFileSync(file, 'short');
    expect(read).to.throw(EvidenceError, 'only 5 bytes');
    writeFileSync(file, Buffer.alloc(2 * HEADER_BYTES));
    expect(read).to.throw(EvidenceError, 'not JSON');
    writeFileSync(file, '{"schema":"other/1"}'.padEnd(HEADER_BYTES));
    expect(read).to.throw(EvidenceError, 'schema "other/1"');
  });

  it('gives a few lines of problems for a file of rubbish', () => {
    writeLedger(1);
    appendFileSync(file, Buffer.alloc(1000 * RECORD_BYTES, 0xa5));
    const { problems } = readLedger(file);
    expect(problems).to.have.lengthOf(1);
    expect(problems[0]).to.contain('1000 times');
  });
});
