// Addresses, and free TCP ports on loopback.
import getPort from 'get-port';
import { PORTS } from './machine/lacks.ts';
import { lackError } from './machine/machine-error.ts';

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
  try {
    return await getPort({ host: LOOPBACK });
  } catch (error) {
    const found = (error as Error).message;
    throw lackError(PORTS, { what: `a port of ${LOOPBACK}`, found }, error);
  }
}
