// Reads record files in chunks, also while they grow.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { EvidenceError, HEADER_BYTES, headerChecksum, isIntact, RECORD_BYTES } from './record.ts';

const CHUNK_BYTES = 1 << 20;

/** Problems of a file, counted by kind: a file of rubbish gives a few lines, not a million. */
class Problems {
  readonly #counts = new Map<string, { count: number; firstByte: number }>();

  add(kind: string, byte: number): void {
    const known = this.#counts.get(kind);
    if (known === undefined) this.#counts.set(kind, { count: 1, firstByte: byte });
    else known.count++;
  }

  list(): string[] {
    return [...this.#counts].map(([kind, { count, firstByte }]) => {
      if (count === 1) return `${kind} (at byte ${firstByte})`;
      return `${kind} (${count} times, first at byte ${firstByte})`;
    });
  }
}

/**
 * An open record file. `advance` hands over the complete records that are new since the last call.
 */
export class RecordReader {
  readonly header: unknown;
  readonly problems = new Problems();
  readonly #file: string;
  readonly #fd: number;
  readonly #bytes = new Uint8Array(CHUNK_BYTES);
  readonly #view = new DataView(this.#bytes.buffer);
  #place = 0;

  /** Throws an `EvidenceError` when the file or its header cannot be read. */
  constructor(file: string, schema: string) {
    this.#file = file;
    try {
      this.#fd = openSync(file, 'r');
    } catch (error) {
      throw new EvidenceError(`${file} cannot be read: ${(error as Error).message}`);
    }
    try {
      this.header = this.#readHeader(schema);
    } catch (error) {
      closeSync(this.#fd);
      throw error;
    }
  }

  /** Complete records in the file as it is now. */
  count(): number {
    return Math.max(0, Math.floor((fstatSync(this.#fd).size - HEADER_BYTES) / RECORD_BYTES));
  }

  /** Bytes after the last complete record. */
  tornBytes(): number {
    return Math.max(0, (fstatSync(this.#fd).size - HEADER_BYTES) % RECORD_BYTES);
  }

  /**
   * A record that fails its checksum is a problem and is skipped; the last one of a growing file is
   * left for later.
   */
  advance(growing: boolean, take: (view: DataView, at: number, byte: number) => void): void {
    const end = this.count();
    while (this.#place < end) {
      const wanted = Math.min(CHUNK_BYTES, (end - this.#place) * RECORD_BYTES);
      const position = HEADER_BYTES + this.#place * RECORD_BYTES;
      const records = Math.floor(this.#read(position, wanted) / RECORD_BYTES);
      if (records === 0) return;
      for (let i = 0; i < records; i++) {
        const byte = position + i * RECORD_BYTES;
        if (isIntact(this.#view, i * RECORD_BYTES, this.#place)) {
          take(this.#view, i * RECORD_BYTES, byte);
        } else {
          if (growing && this.#place === end - 1) return;
          this.problems.add('a record with a wrong checksum', byte);
        }
        this.#place++;
      }
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  #read(position: number, length: number): number {
    let read = 0;
    while (read < length) {
      const more = readSync(this.#fd, this.#bytes, read, length - read, position + read);
      if (more === 0) break;
      read += more;
    }
    return read;
  }

  #readHeader(schema: string): unknown {
    const found = this.#read(0, HEADER_BYTES);
    const bad = (what: string) =>
      new EvidenceError(`${this.#file}: expected a header of ${schema}, found ${what}`);
    if (found < HEADER_BYTES) throw bad(`only ${found} bytes`);
    let parsed: unknown;
    try {
      parsed = JSON.parse(Buffer.from(this.#bytes.subarray(0, HEADER_BYTES)).toString('utf8'));
    } catch {
      throw bad('something that is not JSON');
    }
    const { checksum, ...header } = (parsed ?? {}) as { schema?: unknown; checksum?: unknown };
    if (header.schema !== schema) throw bad(`schema ${JSON.stringify(header.schema)}`);
    const expected = headerChecksum(header);
    if (checksum !== expected) {
      throw bad(`the checksum ${JSON.stringify(checksum)} where its text has "${expected}"`);
    }
    return header;
  }
}
