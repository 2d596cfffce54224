// The process edge of the built-in proxy: `-host 127.0.0.1 -port 8474 [-seed 1]`, as
// toxiproxy-server takes them. With a channel to its parent it ends when the parent does, and tells
// its address on the request `address`. Where DRILL_PROXY_TOKEN is set, it answers nobody else. It
// listens on loopback, and so do its proxies, unless it is told `-anywhere`.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { randomStream } from '../../base/random.ts';
import { isLoopback } from '../../host/ports.ts';
import { dropRoot } from '../../host/program/drop-root.ts';
import { serveProgram } from '../../host/program/program-edge.ts';
import { createApi } from './api.ts';
import { Proxies } from './proxies.ts';

const args = process.argv.slice(2).map((word) => word.replace(/^-(?=[a-z]{2})/, '--'));
const { values } = parseArgs({
  args,
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '8474' },
    anywhere: { type: 'boolean', default: false },
    seed: { type: 'string', default: String(process.pid) },
  },
});
const isAnywhere = values.anywhere;
const proxies = new Proxies({ chance: randomStream(Number(values.seed)), isAnywhere });
const api = createApi(proxies, process.env['DRILL_PROXY_TOKEN'] || null);
const listening = once(api, 'listening').then(() => api.address() as AddressInfo);
listening.then(
  ({ address, port }) => {
    api.on('error', () => {}); // one connection that cannot be taken does not end the proxy
    process.stdout.write(`the built-in proxy listens on ${address}:${port}\n`);
  },
  (error: Error) => {
    process.stderr.write(`the built-in proxy cannot start: ${error.message}\n`);
    process.exit(1);
  },
);
if (isAnywhere || isLoopback(values.host)) {
  api.listen({ host: values.host, port: Number(values.port) });
} else {
  const found = `expected -host 127.0.0.1, which only this machine reaches, found ${values.host}`;
  api.emit('error', new Error(`${found}; -anywhere allows it`));
}
if (process.connected) dropRoot();
if (process.connected) serveProgram(() => ({ address: () => listening }));
