// A stand-in of Amazon RDS: moto answers the real `aws`, and two local servers stand behind the
// cluster that it knows. It says yes to a failover at once; what happens to the servers comes later.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { basename, join } from 'node:path';
import { openSync, closeSync, writeFileSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { LOOPBACK } from '../../../../src/host/ports.ts';
import { patiently } from '../orders.ts';
import { claimPorts, type Claim } from '../ports.ts';
import { STACK_MARK } from '../remains.ts';
import type { Argv, Stack } from '../stack.ts';
import { runArgv } from '../start.ts';
import { addressIn, startRelay, type Relay } from './relay.ts';

const REGION = 'eu-west-1';
/** Until its servers do what it has said yes to, and then until its name leads to another one. */
const LATER_MS = 1_000;
const LOOK_MS = 200;
/** Addresses of loopback that have the same length: the name is moved by one write. */
const PLACES = { 'east/db1': '127.0.0.11', 'west/db2': '127.0.0.12' } as const;

export class Amazon {
  readonly #stack: Stack;
  readonly #claim: Claim;
  readonly #server: ChildProcess;
  readonly #relays: Relay[] = [];
  readonly #over = new AbortController();
  #following: Promise<void> = Promise.resolve();

  private constructor(stack: Stack, claim: Claim) {
    this.#stack = stack;
    this.#claim = claim;
    const id = basename(stack.directory).replace('drill-stack-', '');
    const env = { ...process.env, [STACK_MARK]: id };
    const args = ['-H', LOOPBACK, '-p', String(claim.ports[0])];
    this.#server = spawn('moto_server', args, { env, stdio: 'ignore' });
  }

  /** With the cluster `orders`; its writer is `orders-1`. */
  static async start(stack: Stack): Promise<Amazon> {
    const amazon = new Amazon(stack, await claimPorts(2));
    await patiently('moto answers', async () => {
      const answer = await fetch(amazon.#url).catch(() => null);
      return answer === null ? null : true;
    });
    const cluster = ['--db-cluster-identifier=orders', '--engine=aurora-postgresql'];
    const owner = ['--master-username=postgres', '--master-user-password=not-asked-for'];
    await amazon.#rds('create-db-cluster', ...cluster, ...owner);
    for (const name of ['orders-1', 'orders-2']) {
      const instance = [`--db-instance-identifier=${name}`, '--db-instance-class=db.r6g.large'];
      await amazon.#rds('create-db-instance', ...cluster, ...instance);
    }
    return amazon;
  }

  /** What `aws` finds, and whom it speaks as. */
  get environment(): Record<string, string> {
    const key = { AWS_ACCESS_KEY_ID: 'nobody', AWS_SECRET_ACCESS_KEY: 'nothing' };
    return { AWS_ENDPOINT_URL: this.#url, AWS_CONFIG_FILE: '/dev/null', ...key };
  }

  /** The port of the cluster's name, wherever that leads. */
  get port(): number {
    return this.#claim.ports[1]!;
  }

  /** The servers do what the API has said yes to, and `name` leads to the writer. Its hosts file. */
  async serve(name: string): Promise<string> {
    for (const [node, host] of Object.entries(PLACES)) {
      const to = addressIn(this.#stack.databases[node as keyof typeof PLACES]);
      this.#relays.push(await startRelay({ host, port: this.port }, () => to));
    }
    const hosts = join(this.#stack.directory, 'hosts');
    const line = (host: string) => `127.0.0.1 localhost\n${host} ${name}\n`;
    writeFileSync(hosts, line(PLACES['east/db1']));
    this.#following = this.#follow(() => {
      const file = openSync(hosts, 'r+');
      writeSync(file, line(PLACES['west/db2']));
      closeSync(file);
    });
    this.#following.catch(() => {}); // who closes it hears of it
    return hosts;
  }

  async close(): Promise<void> {
    this.#over.abort();
    for (const relay of this.#relays) relay.close();
    this.#server.kill();
    if (this.#server.exitCode === null) await once(this.#server, 'exit');
    this.#claim.release();
    await this.#following;
  }

  get #url(): string {
    return `http://${LOOPBACK}:${this.#claim.ports[0]}`;
  }

  async #rds(verb: string, ...args: string[]): Promise<string> {
    const command: Argv = ['aws', 'rds', verb, `--region=${REGION}`, '--output=text', ...args];
    return await runArgv(command, { ...process.env, ...this.environment });
  }

  /** Once: it fails over as planned, without loss, and the old writer comes back as a reader. */
  async #follow(moveName: () => void): Promise<void> {
    const { signal } = this.#over;
    while (!signal.aborted && (await this.#writer()) !== 'orders-2') await sleep(LOOK_MS);
    if (signal.aborted) return;
    await sleep(LATER_MS);
    await runArgv(this.#stack.switchOver('west/db2'));
    await sleep(LATER_MS);
    moveName();
  }

  /** As `aws` asks for it, without the half second that it takes. */
  async #writer(): Promise<string> {
    const scope = `nobody/20261130/${REGION}/rds/aws4_request`;
    const said = await fetch(this.#url, {
      method: 'POST',
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'Action=DescribeDBClusters&DBClusterIdentifier=orders&Version=2014-10-31',
    }).then((answer) => answer.text(), String);
    const writer = /<DBInstanceIdentifier>([^<]*)<\/DBInstanceIdentifier><IsClusterWriter>true/;
    return writer.exec(said)?.[1] ?? '';
  }
}
