// Open connections that carry nothing at the moment, by address. The last one used is used next, so
// that a steady load runs on few connections and a burst after an outage does not keep hundreds
// warm.

/** `discard` ends a connection; it is called once for each that is not handed out again. */
export class IdleConnections<C> {
  readonly #byAddress = new Map<string, C[]>();
  readonly #discard: (connection: C) => void;
  #kept: ReadonlySet<string> | null = null;

  constructor(discard: (connection: C) => void) {
    this.#discard = discard;
  }

  take(address: string): C | undefined {
    return this.#byAddress.get(address)?.pop();
  }

  /** Takes a connection back after its reply; discards it when its address left the answers. */
  put(address: string, connection: C): void {
    if (this.#kept !== null && !this.#kept.has(address)) return this.#discard(connection);
    const idle = this.#byAddress.get(address);
    if (idle === undefined) this.#byAddress.set(address, [connection]);
    else idle.push(connection);
  }

  keepOnly(addresses: ReadonlySet<string>): void {
    this.#kept = addresses;
    for (const [address, idle] of this.#byAddress) {
      if (addresses.has(address)) continue;
      for (const connection of idle) this.#discard(connection);
      this.#byAddress.delete(address);
    }
  }
}
