// The DNS cache of the writers: one answer per writer, asked again when its TTL is over and
// never because a request failed. First expiries are spread over the TTL by the seed, as those of
// clients that came at different times. A writer is a client in one place: of an answer with
// several regions it uses one.
import { mix32 } from '../base/random.ts';
import { SEED_WRITER } from '../evidence/ledger/operation.ts';
import type { AnsweredAddress, ResolvedAddress, ResolvedService } from '../gslb/resolver.ts';
import type { Clock } from '../host/clock.ts';
import { regionFor } from './client-region.ts';
import { addressKey } from './transport.ts';
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

export interface AddressBook {
  /** The writer's next address, in turn; null when it must look up first. */
  next(writer: number): ResolvedAddress | null;
  /** Asks DNS and resolves to the writer's next address; null without an answer. Never rejects. */
  lookUp(writer: number): Promise<ResolvedAddress | null>;
}

export function addressBook(options: AddressBookOptions): AddressBook {
  const { clock, seed, resolve, onAddresses } = options;
  const answers = new Map<number, CachedAnswer>();
  const underWay = new Map<number, Promise<void>>();

  const next = (writer: number): ResolvedAddress | null => {
    const answer = answers.get(writer);
    if (answer === undefined || clock.now() >= answer.expires_ms) return null;
    const { addresses } = answer;
    return addresses[answer.turn++ % addresses.length] ?? null;
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
    const answer = answers.get(writer)!;
    return answer.addresses[answer.turn++ % answer.addresses.length] ?? null;
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
