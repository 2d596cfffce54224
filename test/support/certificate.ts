// OpenSSL for tests: keys with certificates that no authority has signed, each for one test.
import { execFileSync, spawnSync } from 'node:child_process';
import type { Context } from 'mocha';
import { requirePart } from './require.ts';

/** From `before` or `it`; DRILL_REQUIRE calls it `openssl`. */
export function requireOpenssl(context: Context): void {
  const isFound = spawnSync('openssl', ['version']).status === 0;
  requirePart(context, 'openssl', isFound, 'openssl is not on PATH');
}

/** Writes both; `name` is the one in the certificate: `DNS:localhost`, `IP:127.0.0.1`. */
export function makeCertificate(files: { key: string; certificate: string }, name: string): void {
  const common = name.slice(name.indexOf(':') + 1);
  const subject = ['-subj', `/CN=${common}`, '-addext', `subjectAltName=${name}`];
  const form = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const made = ['-keyout', files.key, '-out', files.certificate, '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...form, ...made, ...subject], { stdio: 'ignore' });
}
