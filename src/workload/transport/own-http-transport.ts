// The way over a team's own endpoint: one request for each write, as the drill file's template has
// it. What the file does not call acknowledged or refused is unknown; nothing is ever repeated.
import type { Dispatcher } from 'undici';
import Client from 'undici/lib/dispatcher/client.js';
import { filledIn, isAmong, type HttpWay } from '../../drill/attached/own-way.ts';
import { OUTCOME } from '../../evidence/ledger/operation.ts';
import { endWithoutMachine } from '../../host/machine/machine-error.ts';
import { bareReply, transportOver, type Asked, type Reply, type Transport } from './transport.ts';

const REPLY_BYTES_MAX = 4 * 1024 * 1024;
/** A server that keeps connections for a shorter time says so. */
const IDLE_MS = 4_000;

interface OwnConnection {
  readonly client: Client;
  isUp: boolean;
  /** Whether the request that it carries, if any, can have gone out. */
  mayHaveLeft: boolean;
}

/** `timeout_ms` bounds the connecting; the caller gives up a request that takes longer. */
export function ownHttpTransport(way: HttpWay, timeout_ms: number): Transport {
  const { origin } = new URL(way.url);
  return transportOver<OwnConnection>({
    connect: () => {
      const client = new Client(origin, {
        pipelining: 1,
        connect: { timeout: timeout_ms, ...(way.ca === null ? {} : { ca: way.ca }) },
        headersTimeout: 0,
        bodyTimeout: 0,
        keepAliveTimeout: IDLE_MS,
        maxResponseSize: REPLY_BYTES_MAX,
      });
      const connection: OwnConnection = { client, isUp: false, mayHaveLeft: false };
      client.on('connect', () => {
        connection.isUp = true;
        connection.mayHaveLeft = true;
      });
      client.on('disconnect', () => {
        connection.isUp = false;
      });
      return connection;
    },
    end: ({ client }) => void client.destroy().catch(() => {}),
    mayHaveSent: ({ mayHaveLeft }) => mayHaveLeft,
    ask: (asked) => {
      const { connection, request } = asked;
      connection.mayHaveLeft = connection.isUp;
      const { writer, sequence, payload } = request;
      const write = { run: way.run, writer, sequence, payload };
      const { pathname, search } = new URL(filledIn(way.url, write));
      const { method, headers } = way;
      const options = { method, path: pathname + search, headers, body: filledIn(way.body, write) };
      connection.client.dispatch(options, replyHandler(asked, way));
    },
  });
}

function replyHandler(
  { settle, connection }: Asked<OwnConnection>,
  way: HttpWay,
): Dispatcher.DispatchHandler {
  let status = 0;
  return {
    onRequestStart() {},
    onResponseStart(_controller, statusCode) {
      status = statusCode;
    },
    onResponseData() {},
    onResponseEnd() {
      settle(judge(status, way), true);
    },
    onResponseError(_controller, error) {
      settle(judgeFailure(error, connection), false);
    },
  };
}

/** What is in neither list proves nothing. */
function judge(status: number, { acknowledged, refused }: HttpWay): Reply {
  const detail = `answered ${status}`;
  if (isAmong(acknowledged, status)) return bareReply(OUTCOME.acknowledged, detail);
  return bareReply(isAmong(refused, status) ? OUTCOME.refused : OUTCOME.unknown, detail);
}

/** Before a connection is up no request goes out: whatever keeps it from that stores nothing. */
function judgeFailure(error: Error, { mayHaveLeft }: OwnConnection): Reply {
  endWithoutMachine(error);
  const { code } = error as NodeJS.ErrnoException;
  return bareReply(mayHaveLeft ? OUTCOME.unknown : OUTCOME.refused, code ?? error.message);
}
