// Orders: what people ask of something that runs, from another terminal or the dashboard. Each is a
// small file in a folder of what it is for, and goes when it is taken: whoever may write there may
// steer it, and nobody else.
import { randomBytes } from 'node:crypto';
import { lstatSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostClock, type Clock } from '../../host/clock.ts';
import { makeDirectories } from '../../host/files.ts';
import { readPlainFile } from '../../host/plain-file.ts';
import { userWords } from '../../host/users.ts';

const ORDER_NAMES = ['declare', 'confirm', 'approve', 'pause', 'resume', 'step', 'halt'] as const;

export type OrderName = (typeof ORDER_NAMES)[number];

export interface Order<N extends OrderName = OrderName> {
  readonly order: N;
  /** Who, and from where, in words: `ada, by drill declare`. */
  readonly by: string;
  /** The question that it answers; absent: whichever is asked. */
  readonly about?: string;
}

const BY_LENGTH = 200;
const ORDER_BYTES = 4_096;
const POLL_MS = 100;

/** In a run's directory. */
export function ordersFolder(directory: string): string {
  return join(directory, 'orders');
}

/** `way`: the command or the page by which it was given; `about`: the question that it answers. */
export function giveOrder(folder: string, order: OrderName, way: string, about?: string): void {
  makeDirectories(folder);
  const by = `${userWords()}, by ${way}`;
  const name = `${hostClock().wall()}-${randomBytes(4).toString('hex')}`;
  const half = join(folder, `.${name}`);
  const text = JSON.stringify(about === undefined ? { order, by } : { order, by, about });
  writeFileSync(half, `${text}\n`, { mode: 0o600, flag: 'wx' });
  renameSync(half, join(folder, `${name}.json`));
}

/** The oldest order that is one of these, which is then gone; null: there is none. */
export function takeOrder<N extends OrderName>(
  folder: string,
  wanted: readonly N[],
): Order<N> | null {
  for (const name of orderFiles(folder)) {
    const file = join(folder, name);
    const given = readOrder(file);
    const order = wanted.find((each) => each === given?.order);
    if (given !== null && order === undefined) continue;
    rmSync(file, { force: true });
    if (given !== null && order !== undefined) return { ...given, order };
  }
  return null;
}

/** Orders of before somebody asked for them count for nothing. */
export function forgetOrders(folder: string, names: readonly OrderName[]): void {
  while (takeOrder(folder, names) !== null);
}

/** Resolves when one of these is given; rejects when `signal` aborts. */
export async function orderGiven<N extends OrderName>(
  folder: string,
  wanted: readonly N[],
  { clock, signal }: { readonly clock: Pick<Clock, 'sleep'>; readonly signal: AbortSignal },
): Promise<Order<N>> {
  for (;;) {
    signal.throwIfAborted();
    const order = takeOrder(folder, wanted);
    if (order !== null) return order;
    await clock.sleep(POLL_MS, signal);
  }
}

function orderFiles(folder: string): string[] {
  try {
    if (!lstatSync(folder).isDirectory()) return [];
    return readdirSync(folder)
      .filter((name) => /^\d+-[0-9a-f]{8}\.json$/.test(name))
      .toSorted();
  } catch {
    return [];
  }
}

function readOrder(file: string): Order | null {
  try {
    const text = readPlainFile(file, ORDER_BYTES).toString('utf8');
    const { order, by, about } = JSON.parse(text) as Partial<Order>;
    const known = ORDER_NAMES.find((name) => name === order);
    if (known === undefined || typeof by !== 'string' || by.length > BY_LENGTH) return null;
    if (about === undefined) return { order: known, by };
    return typeof about === 'string' ? { order: known, by, about } : null;
  } catch {
    return null;
  }
}
