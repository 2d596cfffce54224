// Whether a pack is what somebody signed: its signature, and the sum of every file. Nothing of it
// is unpacked or judged before that.
import type { KeyObject } from 'node:crypto';
import { isSignedBy, readEnvelope } from './dsse.ts';
import { KEY_BYTES, keyId, publicKeyIn } from './keys.ts';
import { bytesOf, hashOf, type PackFile } from './pack-file.ts';
import { clashProblem, PackError } from './paths.ts';
import { readStatement, type Statement } from './statement.ts';

export const ENVELOPE = 'evidence.dsse.json';
/** The public half of the key that signed it. Whoever makes a pack can put any key here. */
export const PUBLIC_KEY = 'evidence.pub.pem';
const ENVELOPE_BYTES = 64 * 2 ** 20;

/** One thing that was looked at. */
export interface Check {
  readonly what: 'pack' | 'signature' | 'statement' | 'files' | 'seal' | 'verdict' | 'series';
  readonly isOk: boolean;
  /** A sentence: what was found, and where. */
  readonly text: string;
}

export interface CheckedPack {
  readonly checks: readonly Check[];
  /** Null where none can be read. */
  readonly statement: Statement | null;
  /** The key that signed it; null: nobody did, as far as can be told. */
  readonly keyid: string | null;
}

/** `key` null: the one in the pack, for which nobody vouches. */
export function checkPack(files: () => Iterable<PackFile>, key: KeyObject | null): CheckedPack {
  const none = { statement: null, keyid: null };
  let found: Found;
  try {
    found = lookThrough(files());
  } catch (error) {
    if (!(error instanceof PackError)) throw error;
    return { ...none, checks: [bad('pack', error.message)] };
  }
  if (found.envelope === null) {
    return { ...none, checks: [bad('pack', `it has no ${ENVELOPE}, which says what was signed`)] };
  }
  const envelope = readEnvelope(found.envelope);
  if ('problem' in envelope) {
    return { ...none, checks: [bad('signature', `${ENVELOPE}: ${envelope.problem}`)] };
  }
  const { payload, keyid } = envelope.value;
  const signed = key === null ? keyInside(found) : { value: key };
  const signature =
    'problem' in signed
      ? bad('signature', signed.problem)
      : signatureCheck(keyid, signed.value, isSignedBy(envelope.value, signed.value));
  const statement = readStatement(payload);
  if ('problem' in statement) {
    const text = `what was signed is no statement of drill: ${statement.problem}`;
    return { ...none, checks: [signature, bad('statement', text)] };
  }
  return {
    checks: [signature, ...fileChecks(found, statement.value)],
    statement: statement.value,
    keyid: signature.isOk ? keyid : null,
  };
}

interface Found {
  readonly envelope: Buffer | null;
  readonly publicKey: Buffer | null;
  /** By path, of all files but the envelope. */
  readonly sums: ReadonlyMap<string, string>;
  readonly bytes: number;
  readonly times_s: ReadonlySet<number | null>;
}

function lookThrough(files: Iterable<PackFile>): Found {
  let envelope: Buffer | null = null;
  let publicKey: Buffer | null = null;
  let bytes = 0;
  const sums = new Map<string, string>();
  const times_s = new Set<number | null>();
  for (const file of files) {
    times_s.add(file.time_s);
    if (file.path === ENVELOPE) {
      if (envelope !== null) throw new PackError(`it has two files ${ENVELOPE}`);
      envelope = bytesOf(file, ENVELOPE_BYTES);
      continue;
    }
    if (sums.has(file.path)) throw new PackError(`it has two files ${file.path}`);
    if (file.path === PUBLIC_KEY) publicKey = bytesOf(file, KEY_BYTES);
    bytes += file.size;
    sums.set(file.path, hashOf(file));
  }
  const clash = clashProblem([ENVELOPE, ...sums.keys()]);
  if (clash !== null) throw new PackError(clash);
  return { envelope, publicKey, sums, bytes, times_s };
}

function keyInside({ publicKey }: Found) {
  if (publicKey === null) return { problem: `it has no ${PUBLIC_KEY}: --key FILE is needed` };
  const read = publicKeyIn(publicKey.toString('utf8'));
  return 'problem' in read ? { problem: `${PUBLIC_KEY}: ${read.problem}` } : read;
}

function signatureCheck(keyid: string, key: KeyObject, isSigned: boolean): Check {
  const expected = keyId(key);
  if (keyid !== expected) {
    return bad('signature', `it is signed with the key ${keyid}, expected ${expected}`);
  }
  if (isSigned) return ok('signature', `Ed25519, by the key ${keyid}`);
  return bad('signature', `it is none of the key ${keyid} for this statement`);
}

/** Each file that is not as it was signed, or one line where all are. */
function fileChecks({ sums, bytes, times_s }: Found, { subject, predicate }: Statement): Check[] {
  const stated = new Map(subject.map(({ name, digest }) => [name, digest.sha256]));
  const wrong = [...stated].flatMap(([path, sha256]) => {
    const found = sums.get(path);
    if (found === sha256) return [];
    const text = found === undefined ? 'it is missing' : `its SHA-256 is ${found}, not ${sha256}`;
    return [bad('files', `${path}: ${text}`)];
  });
  const added = [...sums.keys()].filter((path) => !stated.has(path));
  wrong.push(...added.map((path) => bad('files', `${path}: it was added, and nobody signed it`)));
  if (stated.size !== subject.length) {
    wrong.push(bad('statement', 'a file stands in it twice'));
  }
  const packed_s = Math.floor(Date.parse(predicate.packed_at) / 1_000);
  if ([...times_s].some((time_s) => time_s !== null && time_s !== packed_s)) {
    wrong.push(bad('pack', `its files are not of ${predicate.packed_at}, when it was packed`));
  }
  if (wrong.length > 0) return wrong;
  const words = `${subject.length} files, ${bytes} bytes: each as signed, none missing, none added`;
  return [ok('files', words)];
}

export function ok(what: Check['what'], text: string): Check {
  return { what, isOk: true, text };
}

export function bad(what: Check['what'], text: string): Check {
  return { what, isOk: false, text };
}
