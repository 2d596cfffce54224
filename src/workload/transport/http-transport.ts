// The clients' usual way: HTTP to the orders service behind the edge link. One undici client per
// connection, since a pool would choose the connection itself and repeat what it holds to be safe.
import { setFlagsFromString } from 'node:v8';
import type { Dispatcher } from 'undici';
// The package loads 111 files, its client alone 26 of them: every run waits for it.
import Client from 'undici/lib/dispatcher/client.js';
import type { OrderReply } from '../../app/protocol.ts';
import type { StoreRole } from '../../drill/plan/plan.ts';
import { OUTCOME } from '../../evidence/ledger/operation.ts';
import { RUN_HEADER } from '../../host/http.ts';
import { endWithoutMachine } from '../../host/machine/machine-error.ts';
import {
  transportOver,
  type Asked,
  addressKey,
  bareReply,
  type OutgoingRequest,
  type Reply,
  type Transport,
} from './transport.ts';

const REPLY_BYTES_MAX = 4 * 1024 * 1024;
const IDLE_MS = 60_000;

// The client parses replies with a WebAssembly module. Optimizing that takes a core for 100 ms just
// when the first replies come, and gains nothing beside what else a request costs.
setFlagsFromString('--no-wasm-dynamic-tiering');
setFlagsFromString('--no-wasm-tier-up');

/**
 * Requests name the run `run`; what another run replies is never an acknowledgement. Writes go to
 * the orders or, for `redis`, to the writer's cart, updates to their shared row. `timeout_ms`
 * bounds the connecting; the caller gives up a request that takes longer.
 */
export function httpTransport(run: string, store: StoreRole, timeout_ms: number): Transport {
  const getHeaders = { [RUN_HEADER]: run };
  const postHeaders = { ...getHeaders, 'content-type': 'application/json' };
  return transportOver<Client>({
    connect: (address) =>
      new Client(`http://${addressKey(address)}`, {
        pipelining: 1,
        connect: { timeout: timeout_ms },
        headersTimeout: 0,
        bodyTimeout: 0,
        keepAliveTimeout: IDLE_MS,
        keepAliveMaxTimeout: IDLE_MS,
        maxResponseSize: REPLY_BYTES_MAX,
      }),
    end: (client) => void client.destroy().catch(() => {}),
    mayHaveSent: () => true,
    ask: ({ connection, request, settle }) => {
      const headers = request.isRead ? getHeaders : postHeaders;
      const options = { ...optionsOf(request, store), headers };
      connection.dispatch(options, replyHandler(settle, request, run));
    },
  });
}

function optionsOf(
  { isRead, writer, sequence, payload, stock }: OutgoingRequest,
  store: StoreRole,
): Dispatcher.DispatchOptions {
  if (isRead) return { method: 'GET', path: `/orders/${writer}-${sequence}` };
  const body = JSON.stringify({ writer, sequence, payload });
  const place = store === 'orders' ? '/orders' : `/carts/${writer}/items`;
  const path = stock === undefined ? place : `/stock/${stock}`;
  return { method: 'POST', path, body };
}

function replyHandler(
  settle: Asked<Client>['settle'],
  request: OutgoingRequest,
  run: string,
): Dispatcher.DispatchHandler {
  const chunks: Buffer[] = [];
  let status = 0;
  let isOurs = true;
  return {
    onRequestStart() {},
    onResponseStart(_controller, statusCode, headers) {
      status = statusCode;
      isOurs = (headers[RUN_HEADER] ?? run) === run;
    },
    onResponseData(_controller, chunk) {
      chunks.push(chunk);
    },
    onResponseEnd() {
      const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
      const text = body.toString('utf8');
      const reply = isOurs ? judgeReply(request, status, text) : judgeStranger(status, text);
      settle(reply, isOurs);
    },
    onResponseError(_controller, error) {
      settle(judgeFailure(error), false);
    },
  };
}

/** The outcome that an answer proves: what is no clear yes and no definite no is unknown. */
function judgeReply(request: OutgoingRequest, status: number, text: string): Reply {
  const body = parseBody(text);
  if (body === null) return bareReply(OUTCOME.unknown, `${status} with a body that is not JSON`);
  const node = typeof body.node === 'string' ? body.node : null;
  const timeline = typeof body.timeline === 'number' ? body.timeline : 0;
  const detail = body.error ?? body.warning ?? `answered ${status}`;
  const acknowledged = { outcome: OUTCOME.acknowledged, node, timeline, detail };
  if (request.isRead && (status === 200 || status === 404)) {
    return { ...acknowledged, isWrongRead: status === 404 || body.payload !== request.payload };
  }
  if (!request.isRead && status === 201) return { ...acknowledged, isWrongRead: false };
  const isRefused = status !== 202 && body.definite === true;
  const outcome = isRefused ? OUTCOME.refused : OUTCOME.unknown;
  const isUnprotected = status === 202;
  return { outcome, node, timeline, isWrongRead: false, isUnprotected, detail };
}

/** Another run's service, on a port that was this run's: its no is a no, its yes is not ours. */
function judgeStranger(status: number, text: string): Reply {
  const isRefused = status !== 202 && parseBody(text)?.definite === true;
  return bareReply(isRefused ? OUTCOME.refused : OUTCOME.unknown, `another run answered ${status}`);
}

function parseBody(text: string): (Partial<OrderReply> & { payload?: unknown }) | null {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? body : null;
  } catch {
    return null;
  }
}

/** A refused connection proves that nothing was sent; a reset or closed one proves nothing. */
function judgeFailure(error: Error): Reply {
  endWithoutMachine(error);
  const { code, syscall } = error as NodeJS.ErrnoException;
  const isRefused = code === 'ECONNREFUSED' && syscall === 'connect';
  return bareReply(isRefused ? OUTCOME.refused : OUTCOME.unknown, code ?? error.message);
}
