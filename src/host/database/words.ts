// What a driver says of a PostgreSQL of the user's own, without a password in it, and what to do.
import { masked } from '../../base/masked.ts';
import { printable } from '../../base/visible.ts';

/** What a driver says, as whoever reads it may see it. */
export function databaseWords(
  error: unknown,
  { secrets }: { readonly secrets: readonly string[] },
): string {
  const { message, code, errors } = error as Partial<AggregateError & { code: string }>;
  // Of several addresses of a name each has its own.
  const said = message || errors?.map((each: Error) => each.message).join('; ') || code;
  return masked(printable(said ?? 'an error without a word'), secrets);
}

const STRANGER = 'its root is not trusted here: name it, sslrootcert=FILE in the address';
const WITHOUT_TLS = 'turn on ssl there, or take sslmode out of the address';

/** By the code of the error, or by what stands in its text. */
const TLS_HINTS: readonly (readonly [RegExp, string])[] = [
  [/SELF_SIGNED_CERT|UNABLE_TO_(VERIFY|GET_ISSUER)|CERT_UNTRUSTED/, STRANGER],
  [/CERT_SIGNATURE_FAILURE/, 'sslrootcert in the address names another root than its own'],
  [
    /ERR_TLS_CERT_ALTNAME_INVALID/,
    'use a name that stands in its certificate, or sslmode=verify-ca, which asks for no name',
  ],
  [/CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/, 'renew it, or set the clock of this machine'],
  [/does not support SSL/, WITHOUT_TLS],
  [/no pg_hba\.conf entry.*no encryption/, 'it takes TLS alone: sslmode=require in the address'],
  [/ERR_OSSL|ERR_SSL/, 'look at the certificate and the key on both sides'],
];

/** What to do where TLS failed; null: it was something else. */
export function tlsHint(error: unknown): string | null {
  const { code = '', message = '' } = error as { readonly code?: string; message?: string };
  const found = TLS_HINTS.find(([sign]) => sign.test(code) || sign.test(message));
  return found?.[1] ?? null;
}
