// A signed statement in an envelope, as DSSE 1.0 has it (Dead Simple Signing Envelope): what is
// signed is the type and the bytes, so that a signature of one kind of text is none of another.
import { sign, verify, type KeyObject } from 'node:crypto';
import * as z from 'zod';
import { fitted, type Fit } from '../../drill/misfit.ts';
import { keyId } from './keys.ts';

/** What an in-toto statement is called in an envelope. */
export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

const envelopeSchema = z.strictObject({
  payloadType: z.string(),
  payload: z.string(),
  signatures: z.array(z.strictObject({ keyid: z.string(), sig: z.string() })),
});

export interface Envelope {
  readonly payload: Buffer;
  /** The SHA-256 of the key that it says it was signed with. */
  readonly keyid: string;
  readonly signature: Buffer;
}

/** The pre-authentication encoding: the bytes that are signed. */
export function paeOf(payloadType: string, payload: Uint8Array): Buffer {
  const type = Buffer.from(payloadType);
  const head = `DSSEv1 ${type.length} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

/** The text of an envelope with one signature. */
export function signEnvelope(payload: Uint8Array, key: KeyObject): string {
  const signature = sign(null, paeOf(PAYLOAD_TYPE, payload), key);
  return envelopeText({ payload: Buffer.from(payload), keyid: keyId(key), signature });
}

function envelopeText({ payload, keyid, signature }: Envelope): string {
  const envelope = {
    payloadType: PAYLOAD_TYPE,
    payload: payload.toString('base64'),
    signatures: [{ keyid, sig: signature.toString('base64') }],
  };
  return `${JSON.stringify(envelope, null, 2)}\n`;
}

/**
 * Reads an envelope with one signature, in the one form in which drill writes it: another spelling
 * of the same (a key twice, bits of base64 that mean nothing) is none.
 */
export function readEnvelope(text: Uint8Array): Fit<Envelope> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text).toString('utf8'));
  } catch (error) {
    return { problem: `it is not JSON: ${(error as Error).message}` };
  }
  const read = fitted(envelopeSchema, value);
  if ('problem' in read) return read;
  const { payloadType, payload, signatures } = read.value;
  if (payloadType !== PAYLOAD_TYPE) {
    return { problem: `payloadType: expected ${PAYLOAD_TYPE}, found "${payloadType}"` };
  }
  const [only, ...others] = signatures;
  if (only === undefined || others.length > 0) {
    return { problem: `signatures: expected one, found ${signatures.length}` };
  }
  const envelope = {
    payload: Buffer.from(payload, 'base64'),
    keyid: only.keyid,
    signature: Buffer.from(only.sig, 'base64'),
  };
  if (Buffer.compare(Buffer.from(envelopeText(envelope)), text) === 0) return { value: envelope };
  return {
    problem: 'it is not written as drill writes it: something in it is said twice, or added',
  };
}

/** Whether the key signed exactly this payload, as a statement. */
export function isSignedBy({ payload, signature }: Envelope, key: KeyObject): boolean {
  return verify(null, paeOf(PAYLOAD_TYPE, payload), key, signature);
}
