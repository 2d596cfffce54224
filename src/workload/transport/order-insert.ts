// One insert in PostgreSQL's extended protocol, in one packet each way: pg's own query asks for a
// description of the row each time, hands its messages to the socket one by one, and makes objects
// and events of every message of the reply: a fourth of what a write costs this program.
import type { Connection, Submittable } from 'pg';
import { INSERT_ORDER } from '../../app/protocol.ts';
import { OrderSocket } from './order-socket.ts';
import type { OutgoingRequest } from './transport.ts';

const NAME = 'insert-order';

/** The part of pg's connection that is used; its types do not have all of it. */
interface Wire {
  readonly stream: NodeJS.WritableStream;
  readonly parsedStatements: Readonly<Record<string, string | undefined>>;
  parse(statement: { name: string; text: string; types: number[] }): void;
  emit(event: 'readyForQuery', message: { readonly status: string }): boolean;
}

export type Inserted = (error: Error | null, timeline: string) => void;

/** Given to `client.query`, which calls its methods as the server's messages arrive. */
export class OrderInsert implements Submittable {
  /** pg remembers by these which statements the server has parsed. */
  readonly name = NAME;
  readonly text = INSERT_ORDER;
  readonly #values: readonly string[];
  readonly #onEnd: Inserted;
  #timeline = '0';
  #isOver = false;

  constructor({ writer, sequence, payload }: OutgoingRequest, region: string, onEnd: Inserted) {
    this.#values = [String(writer), String(sequence), payload, region];
    this.#onEnd = onEnd;
  }

  submit(connection: Connection): null {
    const wire = connection as unknown as Wire;
    const { stream } = wire;
    if (wire.parsedStatements[NAME] === undefined) {
      wire.parse({ name: NAME, text: INSERT_ORDER, types: [] });
    } else if (stream instanceof OrderSocket) {
      stream.expect((timeline) => {
        this.#timeline = timeline;
        wire.emit('readyForQuery', { status: 'I' });
      });
    }
    stream.write(executionOf(this.#values));
    return null;
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    this.#timeline = fields[0] ?? '0';
  }

  handleReadyForQuery(): void {
    this.#end(null);
  }

  handleError(error: Error): void {
    this.#end(error);
  }

  handleRowDescription(): void {}
  handleCommandComplete(): void {}
  handlePortalSuspended(): void {}
  handleEmptyQuery(): void {}

  #end(error: Error | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onEnd(error, this.#timeline);
  }
}

const VALUES = 4;
const LENGTH_BYTES = 4;
/** Of Bind, after its length: the unnamed portal, the statement, all values as text, how many. */
const BOUND = Buffer.from(`\0${NAME}\0\0\0\0${String.fromCharCode(VALUES)}`, 'latin1');
/** The end of Bind: the row is to come as text. */
const AS_TEXT = Buffer.from('\0\0', 'latin1');
/** Execute, the unnamed portal and all rows; Sync. */
const EXECUTE_AND_SYNC = Buffer.from('E\0\0\0\x09\0\0\0\0\0S\0\0\0\x04', 'latin1');

/** Bind, Execute and Sync as they go out. */
function executionOf(values: readonly string[]): Buffer {
  let length = LENGTH_BYTES + BOUND.length + AS_TEXT.length;
  for (const value of values) length += LENGTH_BYTES + Buffer.byteLength(value);
  const bytes = Buffer.allocUnsafe(1 + length + EXECUTE_AND_SYNC.length);
  let at = bytes.write('B', 'latin1');
  at = bytes.writeUInt32BE(length, at);
  at += BOUND.copy(bytes, at);
  for (const value of values) {
    const written = bytes.write(value, at + LENGTH_BYTES);
    at = bytes.writeUInt32BE(written, at) + written;
  }
  at += AS_TEXT.copy(bytes, at);
  EXECUTE_AND_SYNC.copy(bytes, at);
  return bytes;
}
