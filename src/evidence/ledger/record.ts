// What the ledger and the survivors file share: a header of 4,096 bytes, JSON whose last key is a
// checksum over what it is without it, and records of 32 bytes, little-endian, the last four a
// checksum over the rest and the record's place, so that torn, flipped and missing records are
// found.
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { EvidenceError, openToRead, readingError } from '../evidence-error.ts';

export const HEADER_BYTES = 4096;
export const RECORD_BYTES = 32;
const CHECKSUM_AT = 28;
/** Months of a workload at full rate; a file that claims more is none of drill's. */
const RECORDS_MAX = 2 ** 31 - 1;
/** 4,096 records: larger reads are no faster, and a small file needs no megabyte. */
const BUFFER_BYTES = 128 * 1024;

/** The checksum of the record at byte `at`, the file's record `place` from 0. */
function checksumOf(view: DataView, at: number, place: number): number {
  let hash = 0x9e3779b9 ^ place;
  for (let word = 0; word < CHECKSUM_AT; word += 4) {
    hash = Math.imul(hash ^ view.getInt32(at + word, true), 0x85ebca6b);
    hash ^= hash >>> 15;
  }
  return hash | 0;
}

function isIntact(view: DataView, at: number, place: number): boolean {
  return view.getInt32(at + CHECKSUM_AT, true) === checksumOf(view, at, place);
}

/** FNV-1a of the header's text without the checksum, as 8 hexadecimal digits. */
function headerChecksum(header: object): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(JSON.stringify(header))) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** Writes records through a buffer; what was flushed survives the death of the process. */
export class RecordWriter {
  readonly #fd: number;
  readonly #bytes = new Uint8Array(BUFFER_BYTES);
  readonly #view = new DataView(this.#bytes.buffer);
  #length = 0;
  #place = 0;
  #isOpen = true;

  /**
   * Creates the file, or goes on with one that is there and whole. Throws when the header does not
   * fit, or what the operating system says.
   */
  constructor(file: string, header: object | 'go on') {
    if (header === 'go on') {
      this.#fd = openSync(file, 'a', 0o600);
      this.#place = (fstatSync(this.#fd).size - HEADER_BYTES) / RECORD_BYTES;
      return;
    }
    const text = JSON.stringify({ ...header, checksum: headerChecksum(header) });
    const room = HEADER_BYTES - 1;
    if (Buffer.byteLength(text) > room) {
      throw new EvidenceError(`${file}: its header takes more than ${room} bytes`);
    }
    const padded = Buffer.alloc(HEADER_BYTES, ' ');
    padded.write(text, 0);
    padded[room] = 0x0a;
    this.#fd = openSync(file, 'w', 0o600);
    writeAll(this.#fd, padded);
  }

  get count(): number {
    return this.#place;
  }

  /** Lets `fill` write the next record at byte `at` of the view (zeroed before), then seals it. */
  append(fill: (view: DataView, at: number) => void): void {
    if (this.#length + RECORD_BYTES > BUFFER_BYTES) this.flush();
    const at = this.#length;
    this.#bytes.fill(0, at, at + RECORD_BYTES);
    fill(this.#view, at);
    this.#view.setInt32(at + CHECKSUM_AT, checksumOf(this.#view, at, this.#place), true);
    this.#length += RECORD_BYTES;
    this.#place++;
  }

  flush(): void {
    writeAll(this.#fd, this.#bytes.subarray(0, this.#length));
    this.#length = 0;
  }

  close(): void {
    if (!this.#isOpen) return;
    this.flush();
    this.#isOpen = false;
    closeSync(this.#fd);
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
}

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

/** An open record file; `advance` hands over the complete records that are new. */
export class RecordReader {
  readonly header: unknown;
  readonly problems = new Problems();
  readonly #file: string;
  readonly #fd: number;
  readonly #bytes = new Uint8Array(BUFFER_BYTES);
  readonly #view = new DataView(this.#bytes.buffer);
  #place = 0;

  /** Throws an `EvidenceError` when the file or its header cannot be read. */
  constructor(file: string, schema: string) {
    this.#file = file;
    this.#fd = openToRead(file);
    try {
      this.#checkSize();
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

  /** A record with a wrong checksum is skipped; the last of a growing file waits. */
  advance(growing: boolean, take: (view: DataView, at: number, byte: number) => void): void {
    const end = this.count();
    while (this.#place < end) {
      const wanted = Math.min(BUFFER_BYTES, (end - this.#place) * RECORD_BYTES);
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

  #checkSize(): void {
    const count = this.count();
    if (count <= RECORDS_MAX) return;
    const found = `its size has room for ${count.toLocaleString('en-US')}`;
    const most = RECORDS_MAX.toLocaleString('en-US');
    throw new EvidenceError(`${this.#file}: expected at most ${most} records, ${found}`);
  }

  #read(position: number, length: number): number {
    let read = 0;
    while (read < length) {
      const more = this.#readSome(read, length - read, position + read);
      if (more === 0) break;
      read += more;
    }
    return read;
  }

  #readSome(at: number, length: number, position: number): number {
    try {
      return readSync(this.#fd, this.#bytes, at, length, position);
    } catch (error) {
      throw readingError(this.#file, error);
    }
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
