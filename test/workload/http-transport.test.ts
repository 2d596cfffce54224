// What replies prove that come from another run's service, on a port that was this run's.
import { expect } from 'chai';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { StoreRole } from '../../src/drill/plan/plan.ts';
import { OUTCOME } from '../../src/evidence/ledger/operation.ts';
import { RUN_HEADER } from '../../src/host/http.ts';
import { httpTransport } from '../../src/workload/transport/http-transport.ts';
import type { Reply } from '../../src/workload/transport/transport.ts';

describe('the HTTP transport, asking another run', () => {
  let server: Server;
  let asked: string | undefined;
  let path: string | undefined;

  /** One request to a service of the run `run` that answers so. */
  const askOne = async (
    run: string,
    isRead: boolean,
    status: number,
    body: object,
    store: StoreRole = 'orders',
    stock: { readonly stock?: number } = {},
  ) => {
    server = createServer((request, response) => {
      asked = request.headers[RUN_HEADER] as string | undefined;
      path = request.url;
      response.writeHead(status, { [RUN_HEADER]: run }).end(JSON.stringify(body));
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as AddressInfo;
    const transport = httpTransport('mine', store, 1_000);
    const request = { isRead, writer: 1, sequence: 1, payload: 'abc', ...stock };
    const to = { node: 'east/app-1', host: '127.0.0.1', port };
    const reply = await new Promise<Reply>((came) => transport.send(to, request, came));
    transport.close();
    server.close();
    return reply.outcome;
  };

  it('names its run in writes and reads', async () => {
    for (const isRead of [false, true]) {
      await askOne('mine', isRead, 200, {});
      expect(asked).to.equal('mine');
    }
  });

  it('writes an order, or into the cart of the writer', async () => {
    expect(await askOne('mine', false, 201, {})).to.equal(OUTCOME.acknowledged);
    expect(path).to.equal('/orders');
    expect(await askOne('mine', false, 201, {}, 'carts')).to.equal(OUTCOME.acknowledged);
    expect(path).to.equal('/carts/1/items');
    expect(await askOne('mine', false, 202, { warning: '0 of 1' }, 'carts')).to.equal(
      OUTCOME.unknown,
    );
  });

  it('updates the shared row of that key', async () => {
    const update = (status: number, body: object) =>
      askOne('mine', false, status, body, 'orders', { stock: 7 });
    expect(await update(201, {})).to.equal(OUTCOME.acknowledged);
    expect(path).to.equal('/stock/7');
    expect(await update(404, { definite: true })).to.equal(OUTCOME.refused);
    expect(await update(503, {})).to.equal(OUTCOME.unknown);
  });

  it('takes a yes for an acknowledgement of its own run only', async () => {
    expect(await askOne('mine', false, 201, {})).to.equal(OUTCOME.acknowledged);
    expect(await askOne('another', false, 201, {})).to.equal(OUTCOME.unknown);
    expect(await askOne('another', true, 200, { payload: 'abc' })).to.equal(OUTCOME.unknown);
  });

  it('takes a definite no of another run for one', async () => {
    expect(await askOne('another', false, 421, { definite: true })).to.equal(OUTCOME.refused);
    expect(await askOne('another', true, 404, { definite: true })).to.equal(OUTCOME.refused);
    expect(await askOne('another', false, 503, {})).to.equal(OUTCOME.unknown);
  });
});
