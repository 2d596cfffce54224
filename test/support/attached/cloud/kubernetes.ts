// A stand-in of Kubernetes with CloudNativePG, behind the real `kubectl`: as much of the API as that
// asks for, a cluster with two local servers as its pods, and the operator.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { LOOPBACK } from '../../../../src/host/ports.ts';
import { claimPorts, type Claim } from '../ports.ts';
import type { NodeName, Stack } from '../stack.ts';
import { runArgv } from '../start.ts';
import { addressIn, startRelay, type Relay } from './relay.ts';

const GROUP = 'postgresql.cnpg.io';
const VERSION = `${GROUP}/v1`;
const CLUSTER = `/apis/${VERSION}/namespaces/db/clusters/orders`;
const POD = '/api/v1/namespaces/db/pods/orders-1';

interface Kind {
  readonly name: string;
  readonly singularName: string;
  readonly kind: string;
}

const list = (groupVersion: string, kind: Kind) => ({
  kind: 'APIResourceList',
  groupVersion,
  resources: [{ ...kind, namespaced: true, verbs: ['get', 'list', 'delete'] }],
});

/** What `kubectl` asks for before anything else. */
const DISCOVERY: Readonly<Record<string, object>> = {
  '/version': { major: '1', minor: '32', gitVersion: 'v1.32.0' },
  '/api': { kind: 'APIVersions', versions: ['v1'] },
  '/apis': {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: [
      {
        name: GROUP,
        versions: [{ groupVersion: VERSION, version: 'v1' }],
        preferredVersion: { groupVersion: VERSION, version: 'v1' },
      },
    ],
  },
  '/api/v1': list('v1', { name: 'pods', singularName: 'pod', kind: 'Pod' }),
  [`/apis/${VERSION}`]: list(VERSION, {
    name: 'clusters',
    singularName: 'cluster',
    kind: 'Cluster',
  }),
};

export class Kubernetes {
  readonly #stack: Stack;
  readonly #claim: Claim;
  readonly #api: Server;
  #service: Relay | null = null;
  #operating: Promise<void> = Promise.resolve();
  /** Where the service for writes leads. */
  #primary: NodeName = 'east/db1';
  readonly uid: string;
  /** Whether the operator makes the pod again. */
  makesAgain = true;

  private constructor(stack: Stack, claim: Claim, uid: string) {
    this.#stack = stack;
    this.#claim = claim;
    this.uid = uid;
    this.#api = createServer((request, response) => {
      const found = this.#answer(request);
      response.writeHead(found === null ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(found ?? { kind: 'Status', apiVersion: 'v1', code: 404 }));
    });
  }

  static async start(stack: Stack, uid: string): Promise<Kubernetes> {
    const made = new Kubernetes(stack, await claimPorts(2), uid);
    made.#api.listen(made.#claim.ports[0], LOOPBACK);
    await once(made.#api, 'listening');
    made.#service = await startRelay({ host: LOOPBACK, port: made.port }, () =>
      addressIn(stack.databases[made.#primary]),
    );
    return made;
  }

  /** The service `orders-rw`. */
  get port(): number {
    return this.#claim.ports[1]!;
  }

  /** With one context, which is called `staging`. */
  get environment(): Record<string, string> {
    const server = `http://${LOOPBACK}:${this.#claim.ports[0]}`;
    const file = join(this.#stack.directory, 'kubeconfig.json');
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'there', cluster: { server } }],
      users: [{ name: 'somebody', user: { token: 'none' } }],
      contexts: [{ name: 'staging', context: { cluster: 'there', user: 'somebody' } }],
    };
    writeFileSync(file, JSON.stringify(config));
    return { KUBECONFIG: file, HOME: this.#stack.directory };
  }

  async close(): Promise<void> {
    this.#service?.close();
    this.#api.closeAllConnections();
    this.#api.close();
    this.#claim.release();
    await this.#operating;
  }

  #answer({ method, url = '' }: IncomingMessage): object | null {
    const [path = ''] = url.split('?');
    if (method === 'DELETE' && path === POD) {
      this.#operating = this.#operate();
      this.#operating.catch(() => {}); // who closes it hears of it
      const metadata = { name: 'orders-1', namespace: 'db' };
      return { kind: 'Pod', apiVersion: 'v1', metadata };
    }
    if (method !== 'GET') return null;
    if (path !== CLUSTER) return DISCOVERY[path] ?? null;
    return {
      kind: 'Cluster',
      apiVersion: VERSION,
      metadata: { name: 'orders', namespace: 'db', uid: this.uid },
      spec: { instances: 2 },
      status: { currentPrimary: this.#primary === 'east/db1' ? 'orders-1' : 'orders-2' },
    };
  }

  /** The pod is gone; another one is promoted; the pod comes back, on its old volume. */
  async #operate(): Promise<void> {
    await runArgv(this.#stack.lose('node', 'east/db1'));
    await runArgv(this.#stack.command('promote', 'db2'));
    this.#primary = 'west/db2';
    if (this.makesAgain) await runArgv(this.#stack.undo('east/db1'));
  }
}
