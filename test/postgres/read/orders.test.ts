import { expect } from 'chai';
import * as fc from 'fast-check';
import { digestOf } from '../../../src/base/payload.ts';
import type { SurvivorRow } from '../../../src/evidence/survivors.ts';
import { CopyReader } from '../../../src/postgres/read/orders.ts';

interface Order {
  readonly writer: number;
  readonly sequence: number;
  readonly payload: string;
}

/** The binary COPY format as PostgreSQL's documentation has it. */
function copyStream(orders: readonly Order[], end = true): Buffer {
  const header = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);
  const rows = orders.map(({ writer, sequence, payload }) => {
    const text = Buffer.from(payload, 'utf8');
    const row = Buffer.alloc(26);
    row.writeInt16BE(3, 0);
    row.writeInt32BE(4, 2);
    row.writeInt32BE(writer, 6);
    row.writeInt32BE(8, 10);
    row.writeBigInt64BE(BigInt(sequence), 14);
    row.writeInt32BE(text.length, 22);
    return Buffer.concat([row, text]);
  });
  const tail = end ? [Buffer.from([0xff, 0xff])] : [];
  return Buffer.concat([header, ...rows, ...tail]);
}

const order = fc.record({
  writer: fc.integer({ min: 0, max: 0xffff }),
  sequence: fc.integer({ min: 1, max: 2 ** 40 }),
  payload: fc.string({ maxLength: 40 }),
});

describe('reading the orders', () => {
  it('gives every row exactly, however the stream is cut into pieces', () => {
    const pieces = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(order), pieces, (orders, sizes) => {
        const seen: SurvivorRow[] = [];
        const reader = new CopyReader((row) => seen.push(row));
        const stream = copyStream(orders);
        for (let at = 0, i = 0; at < stream.length; i++) {
          const size = sizes[i % sizes.length]!;
          const piece = Buffer.from(stream.subarray(at, at + size));
          reader.take(piece);
          piece.fill(0); // the driver uses its memory again
          at += size;
        }
        expect(reader.end().rows).to.equal(orders.length);
        const expected = orders.map(({ writer, sequence, payload }) => {
          const bytes = Buffer.from(payload, 'utf8');
          const { high, low } = digestOf(bytes);
          const digest = { digest_high: high, digest_low: low };
          return { writer, sequence, ...digest, payload_bytes: bytes.length };
        });
        expect(seen).to.deep.equal(expected);
      }),
    );
  });

  it('does not take a stream without its end for a whole one', () => {
    const reader = new CopyReader(() => {});
    reader.take(copyStream([{ writer: 1, sequence: 1, payload: 'abc' }], false));
    expect(() => reader.end()).to.throw('before its end mark');
  });

  it('refuses rows of another shape', () => {
    const stream = copyStream([{ writer: 1, sequence: 1, payload: 'abc' }]);
    stream.writeInt16BE(4, 19);
    expect(() => new CopyReader(() => {}).take(stream)).to.throw('row 1 that is not');
  });
});
