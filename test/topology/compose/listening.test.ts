import { expect } from 'chai';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { listensBehind } from '../../../src/topology/compose/engine/listening.ts';
import { LinkError } from '../../../src/link/links.ts';

const enabled = async () => true;
const disabled = async () => false;
const unreachable = async () => Promise.reject(new LinkError('GET /proxies', 'refused'));
const WAIT_MS = 150;

describe('what may listen behind a published proxy', () => {
  let server: Server;
  let port: number;
  let meet: (socket: Socket) => void;
  before(async () => {
    server = createServer((socket) => {
      socket.on('error', () => {});
      meet(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
  });
  after(() => server.close());
  const ask = async (part: string, isEnabled: () => Promise<boolean>, at = port) => {
    const upstream = { host: 'inside', port: 1 };
    const proxy = { name: `clients-east.${part}`, host: '127.0.0.1', port: at, upstream };
    return (await listensBehind(proxy, 'run-1', WAIT_MS, isEnabled)).listens;
  };

  it('is nobody where every connection is closed at once and the proxy is disabled', async () => {
    meet = (socket) => socket.end();
    for (const part of ['app-1', 'postgres', 'redis']) {
      expect(await ask(part, disabled), part).to.equal(false);
    }
  });

  it('may be somebody where the proxy is enabled, or nobody can say', async () => {
    meet = (socket) => socket.end();
    for (const part of ['app-1', 'postgres', 'redis']) {
      expect(await ask(part, enabled), part).to.equal(true);
      expect(await ask(part, unreachable), part).to.equal(true);
    }
  });

  it('is somebody who answers, or who is silent, whatever is said of the proxy', async () => {
    meet = (socket) => socket.once('data', () => socket.write('N'));
    expect(await ask('postgres', disabled)).to.equal(true);
    expect(await ask('redis', disabled)).to.equal(true);
    meet = () => {};
    for (const part of ['app-1', 'postgres', 'redis']) {
      expect(await ask(part, disabled), part).to.equal(true);
    }
  });

  it('is what the proxy server says where nobody outside can reach it', async () => {
    expect(await ask('postgres', disabled, 0)).to.equal(false);
    expect(await ask('postgres', enabled, 0)).to.equal(true);
    expect(await ask('postgres', unreachable, 0)).to.equal(true);
  });
});
