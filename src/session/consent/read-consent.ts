// The consent to drill a system of somebody's own, read where the drill file is read.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { readSystemConsent } from '../../drill/consent/consent.ts';
import type { SystemConsent } from '../../drill/attached/consent-form.ts';
import { guardOf } from '../../drill/attached/system.ts';
import type { Drill } from '../../drill/file/schema.ts';
import { sha256 } from '../../host/sha256.ts';
import { STANDARD_INPUT } from '../source.ts';

/** A consent as it was found; `consent` null with the reason. */
export interface ConsentRead {
  readonly file: string;
  readonly consent: SystemConsent | null;
  readonly problem: string | null;
  /** Of the file's bytes; null: there is no such file. */
  readonly sha256: string | null;
  /** The file that keeps drills of the system from running; null: there is none. */
  readonly lever: string | null;
}

/** Null: drill makes the system itself. */
export function consentFor(drill: Drill, file: string, directory: string): ConsentRead | null {
  const { system, guard } = drill.topology;
  if (system === undefined) return null;
  const folder = file === STANDARD_INPUT ? directory : dirname(resolve(directory, file));
  const stated = guardOf(guard);
  const path = resolve(folder, stated.consent);
  const lever = stated.lever === undefined ? null : resolve(folder, stated.lever);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const problem = code === 'ENOENT' ? 'there is no such file' : (error as Error).message;
    return { file: path, lever, consent: null, problem, sha256: null };
  }
  const read = readSystemConsent(text, sha256);
  const found = { file: path, lever, sha256: sha256(text) };
  if ('problem' in read) return { ...found, consent: null, problem: read.problem };
  return { ...found, consent: read, problem: null };
}
