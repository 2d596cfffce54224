// Who is behind a port: this run, another one, or something that does not say.
import { expect } from 'chai';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mayListen, RUN_HEADER } from '../../src/host/http.ts';
import { startTcpServer } from '../support/servers/tcp.ts';

const host = '127.0.0.1';

describe('what listens on a port of a lost region', () => {
  let server: Server;
  let headers: Record<string, string>;
  let port: number;

  beforeEach(async () => {
    server = createServer((_request, response) => response.writeHead(200, headers).end('{}'));
    await new Promise<void>((listening) => server.listen(0, host, listening));
    ({ port } = server.address() as AddressInfo);
  });
  afterEach(() => server.close());

  it('is of the run when it says so', async () => {
    headers = { [RUN_HEADER]: 'mine' };
    expect(await mayListen({ host, port }, 'mine', 500)).to.include({ listens: true });
  });

  it('is not of the run when another run answers, or nobody in particular', async () => {
    headers = { [RUN_HEADER]: 'another' };
    const other = await mayListen({ host, port }, 'mine', 500);
    expect(other).to.deep.equal({
      listens: false,
      detail: 'gone; the run another listens there now',
    });
    headers = {};
    expect(await mayListen({ host, port }, 'mine', 500)).to.include({ listens: false });
  });

  it('may be of the run when it takes connections and does not speak HTTP', async () => {
    const silent = await startTcpServer(() => {});
    const closing = await startTcpServer((socket) => socket.destroy());
    for (const tcp of [silent, closing]) {
      const seen = await mayListen({ host, port: tcp.port }, 'mine', 200);
      expect(seen).to.include({ listens: true });
      await tcp.close();
    }
  });

  it('is nothing when the port refuses', async () => {
    server.close();
    const seen = await mayListen({ host, port }, 'mine', 500);
    expect(seen).to.deep.equal({ listens: false, detail: 'refused' });
  });
});
