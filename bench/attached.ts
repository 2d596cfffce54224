// What drill takes of a system of somebody's own: how long the look before a drill is where there
// are many tables, and what a whole drill costs the servers beside what its clients write.
import { readFileSync } from 'node:fs';
import { hostNow } from '../src/host/clock.ts';
import { consentTo, ownDrill, passwordOf, runOwnFile } from '../test/support/attached/own-drill.ts';
import { query } from '../test/support/attached/orders.ts';
import type { Stack } from '../test/support/attached/stack.ts';
import { startTwoServers } from '../test/support/attached/two-servers.ts';
import { Workplace } from '../test/support/whole/drill-cli.ts';
import type { BenchLine } from './bench-line.ts';
import { median } from './median.ts';
import { timed } from './timed.ts';

const TABLES = 1_000;
const LOOKS = 5;
const LOOK_MOST_MS = 2_000;
const CORE_MOST_PERCENT = 2;

type Report = (line: BenchLine) => void;

/** Takes about a minute. */
export async function benchAttached(report: Report): Promise<void> {
  const stack = await startTwoServers();
  try {
    await look(stack, report);
    await load(stack, report);
  } finally {
    await stack.down();
  }
}

function drillOf(stack: Stack): string {
  return ownDrill(stack, {
    run: stack.lose('node'),
    undo: stack.undo(),
    seen: '{ refuses: east/db1 }',
    steps: [{ title: 'promote db2', command: stack.command('promote', 'db2') }],
  });
}

async function look(stack: Stack, report: Report): Promise<void> {
  const tables = Array.from({ length: TABLES }, (_, at) => `create table t${at} (id bigint)`);
  for (let at = 0; at < TABLES; at += 100) {
    await query(stack.admins['east/db1'], tables.slice(at, at + 100).join('; '));
  }
  const place = new Workplace(drillOf(stack));
  try {
    Object.assign(process.env, passwordOf(stack));
    await consentTo(place, stack);
    const times: number[] = [];
    for (let round = 0; round < LOOKS; round++) {
      times.push(await timed(place, ['attach', 'drill.yaml']));
    }
    const middle = median(times);
    report({
      name: `drill attach, ${TABLES} tables on each of two servers, median of ${LOOKS}`,
      measured: Math.round(middle),
      unit: 'ms',
      limit: { relation: '<=', value: LOOK_MOST_MS },
      ok: middle <= LOOK_MOST_MS,
    });
  } finally {
    place.remove();
  }
}

async function load(stack: Stack, report: Report): Promise<void> {
  const counted = new Counted(stack);
  const began_ms = hostNow();
  const ran = await runOwnFile(stack, drillOf(stack));
  const over_ms = hostNow() - began_ms;
  await counted.end();
  try {
    const { code, stdout } = ran.ended;
    if (code !== 0) throw new Error(`the drill ended with exit code ${code}:\n${stdout}`);
    for (const { node, core_share } of ran.result.watch!) {
      const percent = (100 * counted.cpuMs(node)) / over_ms;
      report({
        name: `a whole drill on ${node}, beside what its clients write: processor time of its sessions`,
        measured: percent,
        unit: '% of a core',
        peer: { name: 'its looks by the result', value: 100 * core_share },
        limit: { relation: '<=', value: CORE_MOST_PERCENT },
        ok: percent <= CORE_MOST_PERCENT,
      });
    }
  } finally {
    ran.place.remove();
  }
}

const LOOK_EVERY_MS = 20;
const ASK_EVERY_MS = 100;
const CLIENTS = 'drill-workload';

/** Processor time of the sessions of drill's role, but for those of its clients. */
class Counted {
  /** By process, the last that was seen of it; by node. */
  readonly #last = new Map<number, { readonly node: string; readonly cpu_ms: number }>();
  readonly #clients = new Set<number>();
  readonly #timers: NodeJS.Timeout[];

  constructor({ admins, directory }: Stack) {
    const names = Object.entries(admins);
    this.#timers = [
      setInterval(() => {
        for (const [node] of names) this.#look(node, `${directory}/${node.split('/')[1]}`);
      }, LOOK_EVERY_MS),
      setInterval(() => {
        for (const [, url] of names) void this.#ask(url);
      }, ASK_EVERY_MS),
    ];
  }

  async end(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }

  cpuMs(of: string): number {
    const own = [...this.#last].filter(([pid, { node }]) => node === of && !this.#clients.has(pid));
    return own.reduce((sum, [, { cpu_ms }]) => sum + cpu_ms, 0);
  }

  #look(node: string, data: string): void {
    const postmaster = Number(read(`${data}/postmaster.pid`).split('\n')[0]);
    const children = read(`/proc/${postmaster}/task/${postmaster}/children`).trim().split(' ');
    for (const pid of children) {
      if (!read(`/proc/${pid}/cmdline`).startsWith('postgres: drill ')) continue;
      const [ns = ''] = read(`/proc/${pid}/schedstat`).split(' ');
      if (ns !== '') this.#last.set(Number(pid), { node, cpu_ms: Number(ns) / 1e6 });
    }
  }

  async #ask(url: string): Promise<void> {
    const sql = `select pid from pg_stat_activity where application_name = '${CLIENTS}'`;
    const rows = await query(url, sql).catch(() => []);
    for (const { pid } of rows) this.#clients.add(Number(pid));
  }
}

/** Empty: it has ended. */
function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
