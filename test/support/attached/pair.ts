// The two servers of a stack as a test sees them: the primary is lost, the other one takes over, and
// the lost one is whole again once a write arrives at it.
import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { hostNow } from '../../../src/host/clock.ts';
import { Clients, makeTable } from './clients.ts';
import { patiently, query } from './orders.ts';
import type { Argv, NodeName, Stack } from './stack.ts';
import { runArgv } from './start.ts';

const BEFORE_MS = 2_000;
const AFTER_MS = 4_000;

export interface Seen {
  readonly clients: Clients;
  /** Those of the node that is lost, by no proxy. */
  readonly direct: Clients;
  readonly fault_ms: number;
  /** When the other one took writes. */
  readonly taken_ms: number;
  /** What was acknowledged to the clients, and is not at the new primary. */
  readonly missing: number;
}

export class Pair {
  readonly #stack: Stack;
  /** The primary of now, which is to be lost. */
  lost: NodeName = 'east/db1';
  other: NodeName = 'west/db2';

  constructor(stack: Stack) {
    this.#stack = stack;
  }

  async primary(): Promise<string> {
    return (await runArgv(this.#stack.primary)).trim();
  }

  /** Whichever is the primary now, and the other one follows it. */
  async turn(): Promise<void> {
    this.lost = (await this.primary()) as NodeName;
    this.other = this.lost === 'east/db1' ? 'west/db2' : 'east/db1';
    await makeTable(this.#stack.databases[this.lost]);
    await this.#follows(this.other, this.lost);
  }

  async takesWrites(node: NodeName): Promise<boolean> {
    const url = this.#stack.databases[node];
    return await query(url, 'show transaction_read_only').then(
      (rows) => rows[0]!['transaction_read_only'] === 'off',
      () => false,
    );
  }

  /** With clients before it and until the other one is the primary. */
  async lose(fault: Argv, ways: readonly string[], then = async () => {}): Promise<Seen> {
    const { lost, other } = this;
    const name = `clients-${hostNow()}`;
    const clients = new Clients(name, ways);
    const direct = new Clients(`direct-${name}`, [this.#stack.databases[lost]]);
    await sleep(BEFORE_MS);
    const fault_ms = hostNow();
    await runArgv(fault);
    await patiently(`${other} never takes over`, async () =>
      (await this.takesWrites(other)) ? true : null,
    );
    const taken_ms = hostNow();
    await then();
    await sleep(AFTER_MS);
    await Promise.all([clients.stop(), direct.stop()]);
    expect(await this.primary()).to.equal(other);
    const missing = await clients.missingAt(this.#stack.databases[other]);
    return { clients, direct, fault_ms, taken_ms, missing };
  }

  async undo(): Promise<void> {
    await runArgv(this.#stack.undo(this.lost));
    await this.#follows(this.lost, this.other);
    expect(await this.takesWrites(this.lost)).to.equal(false);
  }

  /** What managers say of it may come too early: a write arrives. */
  async #follows(standby: NodeName, primary: NodeName): Promise<void> {
    const marker = `marker-${hostNow()}`;
    const { databases } = this.#stack;
    await query(databases[primary], `insert into dr_drill.writes values ('${marker}', 1)`);
    await patiently(`${marker} never arrives at ${standby}`, async () => {
      const text = `select 1 from dr_drill.writes where client = '${marker}'`;
      const rows = await query(databases[standby], text).catch(() => []);
      return rows.length > 0 ? true : null;
    });
  }
}
