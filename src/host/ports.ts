// Addresses, and free TCP ports on loopback.
import getPort from 'get-port';

export const LOOPBACK = '127.0.0.1';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Free now; another process can take it, so whoever binds it must be ready to ask again. */
export async function freePort(): Promise<number> {
  return await getPort({ host: LOOPBACK });
}
