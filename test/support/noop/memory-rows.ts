// The rows of one store in one place, and what of them is on its way to the place that follows it.
import { digestOf } from '../../../src/base/payload.ts';
import type { SurvivorRow } from '../../../src/evidence/survivors.ts';

export class MemoryRows {
  /** So many of the newest rows have not come to the peer: what a loss is planted with. */
  held = 0;
  /** Where its rows go; null: nobody follows. */
  peer: MemoryRows | null = null;
  readonly #rows = new Map<string, SurvivorRow>();
  #onWay: SurvivorRow[] = [];
  readonly #mayShip: () => boolean;

  /** `mayShip`: whether anything comes to the peer now. */
  constructor(mayShip: () => boolean = () => true) {
    this.#mayShip = mayShip;
  }

  get all(): readonly SurvivorRow[] {
    return [...this.#rows.values()];
  }

  has(writer: number, sequence: number): boolean {
    return this.#rows.has(`${writer}-${sequence}`);
  }

  /** A client's write. */
  write(writer: number, sequence: number, payload: string): void {
    const { high, low } = digestOf(Buffer.from(payload, 'latin1'));
    const digest = { digest_high: high, digest_low: low, payload_bytes: payload.length };
    const row = { writer, sequence, ...digest };
    this.#take(row);
    this.#onWay.push(row);
    this.#ship(this.held);
  }

  /** Everything that is on its way arrives. */
  flush(): void {
    this.#ship(0);
  }

  /** Holds what `other` holds, and nothing else. */
  become(other: MemoryRows): void {
    this.#rows.clear();
    this.#onWay = [];
    for (const row of other.all) this.#take(row);
  }

  delete(rows: readonly { readonly writer: number; readonly sequence: number }[]): void {
    for (const { writer, sequence } of rows) this.#rows.delete(`${writer}-${sequence}`);
  }

  #take(row: SurvivorRow): void {
    this.#rows.set(`${row.writer}-${row.sequence}`, row);
  }

  #ship(held: number): void {
    const { peer } = this;
    if (peer === null || !this.#mayShip()) return;
    while (this.#onWay.length > held) peer.#take(this.#onWay.shift()!);
  }
}
