// One insert in PostgreSQL's extended protocol without the messages that an insert of known shape
// can do without: pg's own query asks for a description of the row each time, which cost 8 % of the
// writes per second on two cores.
import type { Connection, Submittable } from 'pg';
import { INSERT_ORDER } from '../app/protocol.ts';
import type { OutgoingRequest } from './transport.ts';

const NAME = 'insert-order';

/** The part of pg's connection that is used; its types do not have all of it. */
interface Wire {
  readonly stream: { cork(): void; uncork(): void };
  readonly parsedStatements: Readonly<Record<string, string | undefined>>;
  parse(statement: { name: string; text: string; types: number[] }): void;
  bind(binding: { portal: string; statement: string; values: readonly string[] }): void;
  execute(portal: { portal: string; rows: number }): void;
  sync(): void;
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
    wire.stream.cork();
    if (wire.parsedStatements[NAME] === undefined) {
      wire.parse({ name: NAME, text: INSERT_ORDER, types: [] });
    }
    wire.bind({ portal: '', statement: NAME, values: this.#values });
    wire.execute({ portal: '', rows: 0 });
    wire.sync();
    wire.stream.uncork();
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
