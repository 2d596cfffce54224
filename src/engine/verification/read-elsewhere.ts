// Of a system of somebody's own: what stands in a server that takes writes and that the system does
// not call its primary. It is read while that server lives and before anything is undone: what
// rewinds it afterwards erases those rows for good.
import { existsSync } from 'node:fs';
import { oneAfterTheOther } from '../../base/all-done.ts';
import { READ_FIRST_MS } from '../../drill/plan/budget.ts';
import { STORE_FILES } from '../../evidence/evidence.ts';
import type { OrderId } from '../../evidence/restore.ts';
import { runFile } from '../../evidence/run-files.ts';
import type { SalvagedRow } from '../../evidence/salvage.ts';
import type { SurvivorRow } from '../../evidence/survivors.ts';
import { reasonOf } from '../../host/operation-failed.ts';
import { writeId } from '../../measure/words.ts';
import type { OwnSystem } from '../../topology/system/own.ts';
import { ordersIn } from '../../topology/system/region.ts';
import type { DeadStore } from '../../topology/system/store.ts';
import type { System } from '../../topology/system/system.ts';
import { beforeDeadline, untilAborted } from '../frame/before-deadline.ts';
import type { RunContext } from '../frame/context.ts';
import { Ids, tellUnread, withSurvivors } from './read-survivors.ts';
import { askOldDisk } from './second-opinion.ts';

const WHAT = { store: 'orders', reading: 'old-primary' } as const;
const AT_ONCE = 'the run was stopped, and all was undone at once';
const TOO_LATE = `it was not read within ${READ_FIRST_MS / 1_000} s`;

/** What was found there, and the serving database at that time. */
interface Found {
  readonly old: DeadStore;
  readonly there: Ids;
  readonly rows: ReadonlyMap<string, SurvivorRow>;
  readonly nodes: ReadonlySet<string>;
  readonly alone: ReadonlyMap<string, SalvagedRow>;
}

export class Elsewhere {
  readonly #system: System;
  /** All that any of them held, by id: what one held is gone once that one is undone. */
  #rows: ReadonlyMap<string, SurvivorRow> = new Map();
  #alone: ReadonlyMap<string, SalvagedRow> = new Map();
  #nodes: ReadonlySet<string> = new Set();
  #reading: Promise<void> | null = null;

  constructor(system: System) {
    this.#system = system;
  }

  /**
   * Nothing where no such server is seen. What was not read stands in the journal, with the reason;
   * in a run that is stopped nothing is: what hurts ends first. Whoever asks meanwhile shares it.
   */
  async read(run: RunContext, stopped: AbortSignal): Promise<void> {
    this.#reading ??= this.#readAll(run, stopped).finally(() => (this.#reading = null));
    await this.#reading;
  }

  async #readAll(run: RunContext, stopped: AbortSignal): Promise<void> {
    const taking = this.#system.own?.takingWrites() ?? [];
    // While one alone takes writes, there is nothing that another one lacks.
    if (taking.length < 2) return;
    const unread = (why: string) =>
      tellUnread(run.emit, { ...WHAT, node: namesOf(taking.map(({ node }) => node)) }, why);
    if (stopped.aborted) return unread(AT_ONCE);
    const reading = { ...run, signal: AbortSignal.any([run.signal, stopped]) };
    try {
      const limit_ms = run.clock.now() + READ_FIRST_MS;
      const found = await beforeDeadline(reading, limit_ms, async (until) => {
        const late = untilAborted(until).then(() => null);
        return await Promise.race([this.#find(taking, until), late]);
      });
      if (found === null) return unread(reading.signal.aborted ? AT_ONCE : TOO_LATE);
      await this.#keep(run, found);
    } catch (error) {
      unread(reading.signal.aborted ? AT_ONCE : reasonOf(error));
    }
  }

  /** Keeps nothing: nobody waits for it after its time. */
  async #find(taking: readonly DeadStore[], until: AbortSignal): Promise<Found> {
    const [named = ''] = await this.#system.serving(until);
    const serving = ordersIn(this.#system.region(named));
    const elsewhere = taking.filter(({ node }) => node !== serving.node);
    const rows = new Map(this.#rows);
    const nodes = new Set(this.#nodes);
    const facts = await oneAfterTheOther(
      elsewhere.map((each) => async () => {
        const read = await each.readRows((row) => rows.set(writeId(row), row));
        nodes.add(each.node);
        return read;
      }),
    );
    const there = new Ids();
    await serving.readRows((row) => there.add(row));
    const old = new Ids();
    for (const row of rows.values()) old.add(row);
    const alone = new Map(this.#alone);
    const salvage = salvaged(elsewhere, old.without(there), alone);
    await salvage.catch(() => {}); // whoever asks for the rows hears of it
    const inMemory = {
      ...elsewhere[0]!,
      node: namesOf([...nodes]),
      readRows: (onRow: (row: SurvivorRow) => void) => {
        for (const row of rows.values()) onRow(row);
        return Promise.resolve({ ...facts[0]!, rows: rows.size });
      },
      rowsOf: () => salvage,
    };
    return { old: inMemory, there, rows, nodes, alone };
  }

  async #keep(run: RunContext, { old, there, rows, nodes, alone }: Found): Promise<void> {
    [this.#rows, this.#nodes, this.#alone] = [rows, nodes, alone];
    const disk = { store: WHAT.store, node: old.node, dead: old, why: null } as const;
    const isBegun = hasReadElsewhere(run, this.#system.own) ? 'more' : 'new';
    await withSurvivors(run, WHAT.store, isBegun, (file) => askOldDisk(run, disk, there, file));
  }
}

/** Those of a server that is undone by now were kept before, in `alone`; the others come to it. */
async function salvaged(
  stores: readonly DeadStore[],
  ids: readonly OrderId[],
  alone: Map<string, SalvagedRow>,
): Promise<SalvagedRow[]> {
  const missing = ids.filter((id) => !alone.has(writeId(id)));
  const read = stores.map((each) => async () => await each.rowsOf!(missing));
  for (const row of (await oneAfterTheOther(read)).flat()) alone.set(writeId(row), row);
  return ids.flatMap((id) => alone.get(writeId(id)) ?? []);
}

function namesOf(nodes: readonly string[]): string {
  return nodes.join(' and ');
}

/** Whether something was read before the cut, which stands in the file of survivors. */
export function hasReadElsewhere({ place }: RunContext, own: OwnSystem | null): boolean {
  return own !== null && existsSync(runFile(place.directory, STORE_FILES.orders.survivors));
}
