// The DNS cache of the writers: one answer per writer, asked again when its TTL is over and
// never because a request failed. First expiries are spread over the TTL by the seed, as those of
// clients that came at different times. A writer is a client in one place: of an answer with
// several regions it uses one, drawn by their weights and the seed, for as long as it is answered.
import { mix32 } from '../base/random.ts';
import { SEED_WRITER } from '../evidence/ledger/operation.ts';
import type { AnsweredAddress, ResolvedAddress, ResolvedService } from '../gslb/resolver.ts';
import type { Clock } from '../host/clock.ts';
import { addressKey } from './transport/transport.ts';
import { regionOf } from '../base/node-name.ts';

export interface AddressBookOptions {
  readonly clock: Clock;
  readonly seed: number;
  readonly resolve: () => Promise<ResolvedService>;
  /** The addresses that are in any writer's answer, each time that may have changed. */
  readonly onAddresses: (addresses: ReadonlySet<string>) => void;
}

interface CachedAnswer {
  readonly all: readonly AnsweredAddress[];
  /** The addresses of the answer that are in the writer's region. */
  readonly addresses: readonly AnsweredAddress[];
  readonly region: string;
  readonly expires_ms: number;
  turn: number;
}

export type AddressBook = ReturnType<typeof addressBook>;

export function addressBook({ clock, seed, resolve, onAddresses }: AddressBookOptions) {
  const answers = new Map<number, CachedAnswer>();
  const underWay = new Map<number, Promise<void>>();

  const nextOf = (answer: CachedAnswer): ResolvedAddress | null =>
    answer.addresses[answer.turn++ % answer.addresses.length] ?? null;
  /** The writer's next address, in turn; null when it must look up first. */
  const next = (writer: number): ResolvedAddress | null => {
    const answer = answers.get(writer);
    return answer === undefined || clock.now() >= answer.expires_ms ? null : nextOf(answer);
  };
  const ask = async (writer: number): Promise<void> => {
    const before = answers.get(writer);
    const { addresses: all, ttl_s } = await resolve();
    const region = regionFor(all, { seed, writer, before: before?.region ?? null });
    const addresses = all.filter((address) => regionOf(address.node) === region);
    const share = before === undefined ? firstShare(seed, writer) : 1;
    const expires_ms = clock.now() + ttl_s * 1000 * share;
    answers.set(writer, { all, addresses, region, expires_ms, turn: before?.turn ?? writer });
    if (before === undefined || !isSame(before.all, all)) {
      // The seed rows are written and done with: what their client knew is nobody's answer.
      const known = [...answers].flatMap(([one, { all }]) => (one === SEED_WRITER ? [] : all));
      onAddresses(new Set(known.map(addressKey)));
    }
  };
  /** Asks DNS and resolves to the writer's next address; null without an answer. Never rejects. */
  const lookUp = async (writer: number): Promise<ResolvedAddress | null> => {
    let asked = underWay.get(writer);
    if (asked === undefined) {
      asked = ask(writer).finally(() => underWay.delete(writer));
      underWay.set(writer, asked);
    }
    try {
      await asked;
    } catch {
      return null;
    }
    // Not `next`: an answer with a TTL of 0 is good for the requests that waited for it.
    return nextOf(answers.get(writer)!);
  };
  return { next, lookUp };
}

/** The share of the first TTL that is left for this writer, in (0, 1]. */
function firstShare(seed: number, writer: number): number {
  return (mix32(seed, writer, 0x747474) + 1) / 0x1_0000_0000;
}

function isSame(a: readonly ResolvedAddress[], b: readonly ResolvedAddress[]): boolean {
  return (
    a.length === b.length && a.every((address, i) => addressKey(address) === addressKey(b[i]!))
  );
}

/** Steps of this length round a circle leave no part of it empty for long: the golden ratio. */
const STEP = (Math.sqrt(5) - 1) / 2;
const PLACE_DRAW = 0x706c_6163;
const MOVE_DRAW = 0x6d6f_7665;

interface Client {
  readonly seed: number;
  readonly writer: number;
  /** The region that it is in; null: none yet. */
  readonly before: string | null;
}

/**
 * `addresses` must not be empty. Writers that begin are spread evenly, not by chance alone: any few
 * of them that follow each other have nearly the weights' proportion. Those of a region that left
 * are drawn anew over what is left.
 */
export function regionFor(
  addresses: readonly AnsweredAddress[],
  { seed, writer, before }: Client,
): string {
  const weights = new Map<string, number>();
  for (const address of addresses) {
    const region = regionOf(address.node);
    weights.set(region, (weights.get(region) ?? 0) + address.weight);
  }
  if (before !== null && weights.has(before)) return before;
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  let left = placeOf(seed, writer, before !== null) * total;
  // By name, since the order of an answer tells nothing.
  const regions = [...weights].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [region, weight] of regions) {
    left -= weight;
    if (left < 0) return region;
  }
  return regions.at(-1)![0];
}

/** A number in [0, 1). */
function placeOf(seed: number, writer: number, isMove: boolean): number {
  if (isMove) return mix32(seed, writer, MOVE_DRAW) / 0x1_0000_0000;
  return (mix32(seed, PLACE_DRAW) / 0x1_0000_0000 + writer * STEP) % 1;
}
