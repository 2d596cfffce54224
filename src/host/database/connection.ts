// How a PostgreSQL of the user's own is connected to, by its address alone: what that asks for of
// TLS means the same as in psql, and files that it names are looked at first.
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { masked } from '../../base/masked.ts';
import { EnvironmentError } from '../environment-error.ts';

interface Address {
  readonly url: string;
  readonly shown: string;
  /** What no message may have in it. */
  readonly secrets: readonly string[];
}

/** Files that an address names: each is read at every connection. */
const FILES = ['sslrootcert', 'sslcert', 'sslkey'] as const;

/** What the driver takes. Throws an `EnvironmentError` where what it names cannot be used. */
export function connectionString(address: Address): string {
  const { searchParams } = new URL(address.url);
  for (const key of FILES) {
    const path = searchParams.get(key);
    if (path !== null) requireFile(key, path, address);
  }
  if (searchParams.get('sslmode') === 'verify-ca' && !searchParams.has('sslrootcert')) {
    throw wrong(address, {
      expected: 'sslrootcert=FILE beside sslmode=verify-ca, the certificate of its authority',
      found: 'none',
      hint: 'sslmode=verify-full trusts the authorities that Node does, and checks the name too',
    });
  }
  if (searchParams.has('uselibpqcompat')) return address.url;
  // Else the driver takes `require` for `verify-full`.
  return `${address.url}${address.url.includes('?') ? '&' : '?'}uselibpqcompat=true`;
}

function requireFile(key: string, path: string, address: Address): void {
  const kind = key === 'sslkey' ? 'a key' : 'a certificate';
  const found = problemOf(key, path);
  if (found === null) return;
  throw wrong(address, {
    expected: `${kind} in ${path}, which ${key} names`,
    found,
    hint: `mend the file, or ${key} in the address; the path is of this machine`,
  });
}

function problemOf(key: string, path: string): string | null {
  try {
    const bytes = readFileSync(path);
    // Node passes over what is no certificate, and then trusts nobody.
    if (key !== 'sslkey') void new X509Certificate(bytes);
    return null;
  } catch (error) {
    const { code = '', syscall } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return 'no such file';
    return syscall === undefined ? 'a file that has none' : `a file that cannot be read (${code})`;
  }
}

function wrong(
  address: Address,
  problem: { readonly expected: string; readonly found: string; readonly hint: string },
): EnvironmentError {
  const { secrets } = address;
  const [expected, found] = [problem.expected, problem.found].map((text) => masked(text, secrets));
  const what = `the address of the database ${address.shown}`;
  return new EnvironmentError({ what, expected: expected!, found: found!, hint: problem.hint });
}
