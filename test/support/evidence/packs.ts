// Packs of runs for tests, unpacked, changed, and signed again by whoever has the key.
import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ENVELOPE } from '../../../src/evidence/pack/check-pack.ts';
import { readEnvelope, signEnvelope } from '../../../src/evidence/pack/dsse.ts';
import { makeKeyPair } from '../../../src/evidence/pack/keys.ts';
import { filesBelow, hashOf } from '../../../src/evidence/pack/pack-file.ts';
import {
  readStatement,
  statementText,
  type Predicate,
} from '../../../src/evidence/pack/statement.ts';
import { packEvidence } from '../../../src/session/pack/pack.ts';
import { verifyPack } from '../../../src/session/pack/verify.ts';
import type { SeriesFile } from '../../../src/session/series-files.ts';
import { sealedRun } from './sealed-run.ts';

export const ID = '20261128T100000Z-synthetic-0001';
export const OTHER = '20261128T100500Z-synthetic-0002';
export const LOST = 3;
const pair = makeKeyPair();
const key = createPrivateKey(pair.privatePem);
export const publicKey = createPublicKey(pair.publicPem);
const NOW_MS = Date.parse('2026-11-28T12:00:00.500Z');

/** A folder with runs, and what is packed of them. */
export class Packs {
  readonly root = mkdtempSync(join(tmpdir(), 'drill-packed-'));
  readonly runs = join(this.root, 'runs');
  #count = 0;

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  pack(asked: { place: string } | { series: SeriesFile }, by: KeyObject = key): string {
    const to = join(this.root, `${++this.#count}.tar`);
    packEvidence({ asked, key: by, to, now_ms: NOW_MS, version: '0.1.0' });
    return to;
  }

  unpack(file: string): string {
    const folder = mkdtempSync(join(this.root, 'unpacked-'));
    execFileSync('tar', ['-xf', file, '-C', folder]);
    return folder;
  }

  /** A folder with the evidence of a run that lost some writes, unpacked. */
  unpacked(): { folder: string; run: string } {
    sealedRun(this.runs, { id: ID, lost: LOST, plan: { controls: ['SOC2-A1.2'] } });
    const folder = this.unpack(this.pack({ place: join(this.runs, ID) }));
    return { folder, run: join(folder, 'runs', ID) };
  }
}

/** What is wrong with it; empty: it is to be believed. */
export function problems(path: string, by: KeyObject | null = publicKey): string[] {
  const { checks, isWhole } = verifyPack(path, by);
  const wrong = checks.filter(({ isOk }) => !isOk).map(({ what, text }) => `${what}: ${text}`);
  expect(isWhole).to.equal(wrong.length === 0);
  return wrong;
}

export function predicateIn(folder: string): Predicate {
  const envelope = readEnvelope(readFileSync(join(folder, ENVELOPE)));
  if ('problem' in envelope) throw new Error(envelope.problem);
  const statement = readStatement(envelope.value.payload);
  if ('problem' in statement) throw new Error(statement.problem);
  return statement.value.predicate;
}

/** Signs what lies in the folder now, as whoever has a key could. */
export function signAgain(
  folder: string,
  change: (said: Predicate) => Predicate = (said) => said,
): void {
  const predicate = change(predicateIn(folder));
  const files = [...filesBelow(folder)].filter(({ path }) => path !== ENVELOPE);
  const subjects = files.map((file) => ({ path: file.path, sha256: hashOf(file) }));
  const text = signEnvelope(Buffer.from(statementText(subjects, predicate)), key);
  writeFileSync(join(folder, ENVELOPE), text);
}

export function change(file: string, from: string, to: string): void {
  const text = readFileSync(file, 'latin1');
  expect(text).to.include(from);
  writeFileSync(file, text.replace(from, to), 'latin1');
}

/** The same run with something else in its plan or its loss, all of drill's checksums in order. */
export function remade(folder: string, parts: Partial<Parameters<typeof sealedRun>[1]>): void {
  rmSync(join(folder, 'runs', ID), { recursive: true });
  const own = { id: ID, lost: LOST, plan: { controls: ['SOC2-A1.2'] } };
  sealedRun(join(folder, 'runs'), { ...own, ...parts });
}
