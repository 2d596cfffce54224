// `drill evidence keygen`, and the key files that the other actions are given.
import { closeSync, existsSync, fstatSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { KeyObject } from 'node:crypto';
import type { Fit } from '../../../drill/misfit.ts';
import { EvidenceError, openToRead } from '../../../evidence/evidence-error.ts';
import { KEY_BYTES, makeKeyPair, privateKeyIn, publicKeyIn } from '../../../evidence/pack/keys.ts';
import { makeDirectories } from '../../../host/files.ts';
import { readStandardInput } from '../../../host/standard-input.ts';
import { shellWord } from '../../../screen/text.ts';
import { UserError } from '../../../screen/user-error.ts';
import { STANDARD_INPUT } from '../../../session/source.ts';
import { EXIT } from '../../../verdict/exit-code.ts';
import type { CliContext } from '../../verb.ts';

/** In a folder that nobody commits. */
export const KEY_FILE = '.drill/evidence-key.pem';
const OTHERS = 0o077;

/** `keys/audit.pem` → `keys/audit.pub.pem` */
export function publicFileOf(file: string): string {
  return `${file.replace(/\.pem$/, '')}.pub.pem`;
}

/** Writes both halves of a new key. What is there is never written over. */
export function keygen(file: string, { directory, screen }: CliContext): number {
  const paths = [file, publicFileOf(file)].map((each) => resolve(directory, each));
  const [privatePath = '', publicPath = ''] = paths;
  const there = paths.find((each) => existsSync(each));
  if (there !== undefined) throw taken(there);
  const { privatePem, publicPem, id } = makeKeyPair();
  makeFolderOf(privatePath);
  try {
    writeFileSync(privatePath, privatePem, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    throw unwritten(privatePath, error);
  }
  try {
    writeFileSync(publicPath, publicPem, { flag: 'wx', mode: 0o644 });
  } catch (error) {
    rmSync(privatePath, { force: true });
    throw unwritten(publicPath, error);
  }
  screen.stdout.write(
    [
      `private  ${file}   signs; keep it, and give it to nobody`,
      `public   ${publicFileOf(file)}   verifies; give it to whoever is to believe the evidence`,
      `key      ${id}`,
      '',
    ].join('\n'),
  );
  return EXIT.pass;
}

function makeFolderOf(path: string): void {
  try {
    makeDirectories(dirname(path));
  } catch (error) {
    const message = `the folder of ${path} cannot be made: ${(error as Error).message}`;
    throw new UserError(message, { exitCode: EXIT.environment });
  }
}

function taken(path: string): UserError {
  return new UserError(`${path} is there already; a key is never written over`, {
    hint: 'drill evidence keygen OTHER.pem',
  });
}

function unwritten(path: string, error: unknown): UserError {
  if ((error as NodeJS.ErrnoException).code === 'EEXIST') return taken(path);
  const message = `${path} cannot be written: ${(error as Error).message}`;
  return new UserError(message, { exitCode: EXIT.environment });
}

/** `file` is `-` for the standard input. Throws a `UserError` where it is no such key. */
export async function readPrivateKey(file: string, context: CliContext): Promise<KeyObject> {
  const { pem, mode } = await readKey(file, context, `drill evidence keygen ${shellWord(file)}`);
  const key = keyOf(file, privateKeyIn(pem));
  if ((mode & OTHERS) !== 0) {
    const hint = `chmod 600 ${shellWord(file)}`;
    context.screen.stderr.write(`drill: warning: others may read ${file}: ${hint}\n`);
  }
  return key;
}

export async function readPublicKey(file: string, context: CliContext): Promise<KeyObject> {
  const { pem } = await readKey(file, context, '--key PUBLIC.pem, which the signer gave you');
  return keyOf(file, publicKeyIn(pem));
}

function keyOf(file: string, read: Fit<KeyObject>): KeyObject {
  if ('problem' in read) throw new UserError(`--key ${file}: ${read.problem}`);
  return read.value;
}

interface KeyText {
  readonly pem: string;
  /** Of the file; 0 where it is none. */
  readonly mode: number;
}

/** A link is followed: secrets are mounted as links. */
async function readKey(file: string, { directory }: CliContext, hint: string): Promise<KeyText> {
  if (file === STANDARD_INPUT) {
    const bytes = await readStandardInput(KEY_BYTES);
    if (bytes === null) throw new UserError('--key -: standard input is a terminal; name a file');
    return { pem: Buffer.from(bytes).toString('utf8'), mode: 0 };
  }
  const path = resolve(directory, file);
  if (!existsSync(path)) throw new UserError(`--key: there is no file ${file}`, { hint });
  let opened: number;
  try {
    opened = openToRead(path);
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    throw new UserError(`--key: ${error.message}`, { hint });
  }
  try {
    const { mode, size } = fstatSync(opened);
    const bytes = Buffer.alloc(Math.min(size, KEY_BYTES));
    const length = readSync(opened, bytes, 0, bytes.length, 0);
    return { pem: bytes.subarray(0, length).toString('utf8'), mode: mode & 0o777 };
  } finally {
    closeSync(opened);
  }
}
