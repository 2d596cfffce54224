// The socket of a connection that inserts orders. pg gives its streams to a parser that makes an
// object and an event of every message; the usual reply to an insert is told here, by its bytes,
// and everything else goes to pg as it came.
import { Socket, type ConnectOpts, type SocketConstructorOpts } from 'node:net';

/** What is read at once; a longer reply comes in several chunks. */
const CHUNK_BYTES = 4096;

const READY = Buffer.from('Z\0\0\0\x05I', 'latin1');
/** BindComplete, and a row with one value of eight bytes: the timeline. */
const BEFORE = Buffer.from('2\0\0\0\x04D\0\0\0\x12\0\x01\0\0\0\x08', 'latin1');
const TIMELINE_END = BEFORE.length + 8;
const AFTER = Buffer.concat([Buffer.from('C\0\0\0\x0fINSERT 0 1\0', 'latin1'), READY]);
const REPLY_BYTES = TIMELINE_END + AFTER.length;

/** The timeline of a chunk that is the usual reply, whole and nothing else; else null. */
function timelineOf(chunk: Buffer): string | null {
  if (chunk.length !== REPLY_BYTES) return null;
  if (BEFORE.compare(chunk, 0, BEFORE.length) !== 0) return null;
  if (AFTER.compare(chunk, TIMELINE_END) !== 0) return null;
  return chunk.toString('latin1', BEFORE.length, TIMELINE_END);
}

/** Its `data` are all chunks but the usual replies that somebody expects. */
export class OrderSocket extends Socket {
  #onReply: ((timeline: string) => void) | null = null;
  /** The parser waits for the rest of a message. */
  #isWithin = false;

  constructor() {
    const buffer = Buffer.alloc(CHUNK_BYTES);
    const callback = (length: number) => this.#take(buffer.subarray(0, length));
    const options: SocketConstructorOpts & ConnectOpts = { onread: { buffer, callback } };
    super(options);
  }

  /** Calls back once, unless another reply comes first. */
  expect(onReply: (timeline: string) => void): void {
    this.#onReply = onReply;
  }

  #take(chunk: Buffer): boolean {
    const onReply = this.#onReply;
    this.#onReply = null;
    const timeline = onReply === null || this.#isWithin ? null : timelineOf(chunk);
    if (timeline !== null) {
      onReply!(timeline);
      return true;
    }
    // No text of a message holds a zero byte, and rows have one value: none is cut off like this.
    this.#isWithin = !chunk.subarray(-READY.length).equals(READY);
    this.emit('data', Buffer.from(chunk)); // the parser keeps what it cannot use yet
    return true;
  }
}
