// What a driver says of a PostgreSQL of the user's own, without a password in it, and what to do.
import { masked } from '../../base/masked.ts';
import { printable } from '../../base/visible.ts';
import { OperationFailed, saidBy } from '../operation-failed.ts';

/** What a driver says, as whoever reads it may see it. */
export function databaseWords(
  error: unknown,
  { secrets }: { readonly secrets: readonly string[] },
): string {
  return masked(printable(saidBy(error)), secrets);
}

const STRANGER = 'its root is not trusted here: name it, sslrootcert=FILE in the address';
const WITHOUT_TLS = 'turn on ssl there, or take sslmode out of the address';
const NOT_LET_IN =
  'have a line of its pg_hba.conf let this role in from here, and reload it; ' +
  'where that line is a hostssl: sslmode=require in the address';

/** By the code of the error, or by what stands in its text; the first one says most. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [/SELF_SIGNED_CERT|UNABLE_TO_(VERIFY|GET_ISSUER)|CERT_UNTRUSTED/, STRANGER],
  [/CERT_SIGNATURE_FAILURE/, 'sslrootcert in the address names another root than its own'],
  [
    /ERR_TLS_CERT_ALTNAME_INVALID/,
    'use a name that stands in its certificate, or sslmode=verify-ca, which asks for no name',
  ],
  [/CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/, 'renew it, or set the clock of this machine'],
  [/does not support SSL/, WITHOUT_TLS],
  [/ERR_OSSL|ERR_SSL/, 'look at the certificate and the key on both sides'],
  [/no pg_hba\.conf entry|pg_hba\.conf rejects/, NOT_LET_IN],
  [/^role .* does not exist/, 'create the role there, or name another one in the address'],
  [/not permitted to log in/, 'alter role … login, or name another role in the address'],
  [/^permission denied for database/, 'grant connect on the database to the role'],
  [/client password must be/, 'it asks for a password, and none is given: {password}'],
  [/^28P01$/, 'the role or its password is wrong: see the address, and {password}'],
  [/^3D000$/, 'see the name of the database in the address'],
  [
    /^53300$/,
    'end connections that nobody needs, or raise what is full: max_connections, or the limit of ' +
      'the database or the role',
  ],
  [/^57P03$/, 'it starts, stops or recovers: wait until it takes connections'],
  [/^ECONNREFUSED$/, 'nobody listens there: see whether it runs, and the port in the address'],
  [
    /^(ENOTFOUND|EAI_AGAIN)$/,
    'this machine finds no such name: see its spelling in the address, and the DNS',
  ],
  [
    /^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$|^timeout expired$|^timeout exceeded when trying/,
    'nothing answers: see whether the host is up, and that no firewall is between here and there',
  ],
  [
    /^ECONNRESET$|^Connection terminated unexpectedly$/,
    'what listens there hung up: see that the address is that of the server itself, of no ' +
      'balancer without a server behind it',
  ],
];

/** What to do where a connection failed; null: it says so itself. `password`: where it is from. */
export function connectHint(error: unknown, password: string): string | null {
  const said = error instanceof OperationFailed ? (error.cause ?? error) : error;
  const { code = '' } = said as { readonly code?: string };
  const words = saidBy(said);
  const found = HINTS.find(([sign]) => sign.test(code) || sign.test(words));
  return found?.[1].replace('{password}', () => password) ?? null;
}
