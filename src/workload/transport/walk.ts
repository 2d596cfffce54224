// How a client finds the server that takes writes: the first of a list that says so, in the order
// of the list, as libpq walks it with `target_session_attrs=read-write`. A server of version 14 and
// later says it with its first words; an older one is asked.
import type { Client } from 'pg';
import { destroySocket } from '../../host/database/close.ts';
import { OperationFailed } from '../../host/operation-failed.ts';
import { whyNoWrites } from '../../postgres/own/queries.ts';

/** `in_hot_standby`, `default_transaction_read_only`: both must be `off`. */
const TELLING = ['in_hot_standby', 'default_transaction_read_only'] as const;

/** A connection on its way, and the one that was found. */
export interface Walk {
  /** One for each server, in order, not yet connected. */
  readonly clients: readonly (() => Client)[];
  /** Told when the one that was found ends by itself. */
  readonly onEnd: () => void;
  /** The last one that was made; null: none was. */
  current: Client | null;
  /** Nobody waits for it any more. */
  isOver: boolean;
}

/**
 * Resolves to a connection that is let in: of several servers, to the first that takes writes.
 * Rejects with why the last one is not it.
 */
export async function openWritable(walk: Walk): Promise<Client> {
  const isList = walk.clients.length > 1;
  let last: unknown = new Error('expected a server');
  for (const make of walk.clients) {
    if (walk.isOver) break;
    const client = make();
    walk.current = client;
    let isFound = false;
    client.on('error', () => void (isFound && walk.onEnd())); // the request in flight fails with it
    try {
      const told = parametersOf(client);
      await client.connect();
      isFound = !isList || (await takesWrites(client, told));
      if (isFound) return client;
      last = new OperationFailed(NONE);
    } catch (error) {
      last = error;
    }
    destroySocket(client);
  }
  throw last;
}

const NONE = { what: 'the servers of the list', expected: 'one that takes writes', found: 'none' };

interface ParameterStatus {
  readonly parameterName: string;
  readonly parameterValue: string;
}

/** What the server says of itself while it lets a client in; it is filled as that comes. */
function parametersOf(client: Client): ReadonlyMap<string, string> {
  const told = new Map<string, string>();
  const { connection } = client as unknown as { connection: NodeJS.EventEmitter };
  connection.on('parameterStatus', ({ parameterName, parameterValue }: ParameterStatus) => {
    told.set(parameterName, parameterValue);
  });
  return told;
}

async function takesWrites(client: Client, told: ReadonlyMap<string, string>): Promise<boolean> {
  const words = TELLING.map((name) => told.get(name));
  if (words.every((word) => word !== undefined)) return words.every((word) => word === 'off');
  return (await whyNoWrites(client)) === null;
}
