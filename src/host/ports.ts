// Addresses, and free TCP ports on loopback.
import getPort from 'get-port';

export const LOOPBACK = '127.0.0.1';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Whether nobody but this machine reaches an address of the host. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Free now; another process can take it, so whoever binds it must be ready to ask again. */
export async function freePort(): Promise<number> {
  return await getPort({ host: LOOPBACK });
}
