// The certificates for an engine behind TLS: read where the environment or the context says that
// they are, with an error that says who said so.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentError } from '../../../host/environment-error.ts';

export interface CertificateFolder {
  readonly folder: string;
  /** `DOCKER_CERT_PATH`, `DOCKER_TLS_VERIFY`, the context. */
  readonly from: string;
}

export interface Certificates {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

/** `ca.pem` says whom to believe, `cert.pem` and `key.pem` who asks: both or neither of them. */
export function readCertificates(place: CertificateFolder): Certificates {
  const [ca, cert, key] = ['ca.pem', 'cert.pem', 'key.pem'].map((name) => readPem(place, name));
  if (!ca && !cert && !key) throw unusable(place, `none of them in ${place.folder}`);
  if (!cert !== !key) throw unusable(place, `no ${cert ? 'key.pem' : 'cert.pem'} beside the other`);
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

/** Null for a file that is not there. */
function readPem(place: CertificateFolder, name: string): Buffer | null {
  let text: Buffer;
  try {
    text = readFileSync(join(place.folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw unusable(place, (error as Error).message);
  }
  if (text.includes('-----BEGIN ')) return text;
  throw unusable(place, `no PEM in ${join(place.folder, name)}`);
}

function unusable({ folder, from }: CertificateFolder, found: string): EnvironmentError {
  return new EnvironmentError({
    what: 'the certificates for the docker engine',
    expected: `ca.pem, cert.pem and key.pem in ${folder} (from ${from})`,
    found,
    hint: hintOf(from),
  });
}

function hintOf(from: string): string {
  if (!from.startsWith('DOCKER_')) return 'mend the context, or: docker context use default';
  return 'set DOCKER_CERT_PATH to their folder; for an engine without TLS unset DOCKER_TLS_VERIFY';
}

/** Whether an error of a connection is about its certificates, by its code. */
export function isOfCertificates(code: string): boolean {
  return /^(ERR_(TLS|SSL|OSSL)|CERT_|DEPTH_ZERO|UNABLE_TO_|SELF_SIGNED|HOSTNAME_|EPROTO)/.test(
    code,
  );
}
