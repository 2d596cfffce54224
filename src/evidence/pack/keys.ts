// The keys of evidence: Ed25519, the private one as PKCS#8 and the public one as SPKI, both PEM, as
// OpenSSL and others read them. A key is named by the SHA-256 of its public half.
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import type { Fit } from '../../drill/misfit.ts';
import { sha256 } from '../../host/sha256.ts';

/** More than any key of Ed25519 takes. */
export const KEY_BYTES = 64 * 1024;

const PRIVATE = /-----BEGIN (ENCRYPTED )?([A-Z]+ )?PRIVATE KEY-----/;
const PUBLIC = /-----BEGIN PUBLIC KEY-----/;

export interface KeyPair {
  readonly privatePem: string;
  readonly publicPem: string;
  readonly id: string;
}

export function makeKeyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const privatePem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { privatePem, publicPem: publicPemOf(publicKey), id: keyId(publicKey) };
}

/** Of a private key, of its public half. */
export function publicPemOf(key: KeyObject): string {
  return publicHalf(key).export({ type: 'spki', format: 'pem' }).toString();
}

/** 64 hexadecimal digits; of a private key, those of its public half. */
export function keyId(key: KeyObject): string {
  return sha256(publicHalf(key).export({ type: 'spki', format: 'der' }));
}

function publicHalf(key: KeyObject): KeyObject {
  return key.type === 'private' ? createPublicKey(key) : key;
}

/** `expected …, found …` of what is no private key of Ed25519. */
export function privateKeyIn(pem: string): Fit<KeyObject> {
  const expected = 'expected a private key of Ed25519 (PEM, PKCS#8)';
  if (/-----BEGIN ENCRYPTED/.test(pem)) {
    return { problem: `${expected}, found one that a passphrase locks; drill asks for none` };
  }
  if (PUBLIC.test(pem)) return { problem: `${expected}, found a public one` };
  return keyIn(expected, () => createPrivateKey(pem));
}

/** The same for a public key. A private one is refused: nobody who only verifies should have it. */
export function publicKeyIn(pem: string): Fit<KeyObject> {
  const expected = 'expected a public key of Ed25519 (PEM, SPKI)';
  if (PRIVATE.test(pem)) return { problem: `${expected}, found a private one` };
  if (!PUBLIC.test(pem)) return { problem: `${expected}, found none` };
  return keyIn(expected, () => createPublicKey(pem));
}

function keyIn(expected: string, read: () => KeyObject): Fit<KeyObject> {
  try {
    const key = read();
    const kind = key.asymmetricKeyType ?? 'none';
    return kind === 'ed25519' ? { value: key } : { problem: `${expected}, found one of ${kind}` };
  } catch {
    return { problem: `${expected}, found none that can be read` };
  }
}
