// A receiver of webhooks on loopback: keeps what came, and answers as it is told to.
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Came {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly path: string;
}

export interface WebhookServer {
  readonly url: string;
  readonly came: readonly Came[];
  /** How it answers from now on. */
  answer: (reply: ServerResponse, came: Came) => void;
  /** Resolves when so many have come. */
  readonly hasCome: (count: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

export async function webhookServer(port = 0): Promise<WebhookServer> {
  const came: Came[] = [];
  let heard = () => {};
  const server = createServer((request, reply) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const one = { headers: request.headers, body, path: request.url ?? '' };
      came.push(one);
      heard();
      own.answer(reply, one);
    });
  });
  server.listen(port, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const own: WebhookServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    came,
    answer: (reply) => void reply.writeHead(200).end('ok'),
    hasCome: async (count) => {
      while (came.length < count) await new Promise<void>((resolve) => (heard = resolve));
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return own;
}
