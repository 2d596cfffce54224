// Judges a restore drill again from what it found, and compares with the stored result: the backup
// and the sandbox are not needed for it.
import { join } from 'node:path';
import { FACTS_FILE, RESTORE_FILE } from '../../archive/restores.ts';
import { fitted } from '../../drill/misfit.ts';
import { parseRestore } from '../../drill/restore/parse.ts';
import type { RestoreFile } from '../../drill/restore/schema.ts';
import {
  restoreFactsForm,
  type RestoreFacts,
  type RestoreResult,
} from '../../evidence/backup/restore-form.ts';
import { EvidenceError, readWhole } from '../../evidence/evidence-error.ts';
import { runFile } from '../../evidence/run-files.ts';
import { isThere } from '../../host/files.ts';
import { judgeRestore } from '../../verdict/restore.ts';
import { compareStored, type StoredResult } from '../judge.ts';

export interface RestoreJudged {
  readonly result: RestoreResult;
  readonly stored: StoredResult;
}

/** Throws an `EvidenceError` where nothing can be said of it. */
export function judgeRestoreAgain(directory: string): RestoreJudged {
  const result = judgeRestore(fileIn(directory), factsIn(directory));
  const text = writeRestore(result);
  return { result, stored: compareStored(runFile(directory, 'result'), text) };
}

/** As it stands in a file. */
export function writeRestore(value: RestoreResult | RestoreFacts): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function fileIn(directory: string): RestoreFile {
  const path = join(directory, RESTORE_FILE);
  const { restore, diagnostics } = parseRestore({ file: path, bytes: readWhole(path) });
  if (restore !== null) return restore;
  throw new EvidenceError(`${path}: ${diagnostics[0]?.message ?? 'it is no restore file'}`);
}

function factsIn(directory: string): RestoreFacts {
  const path = join(directory, FACTS_FILE);
  if (!isThere(path)) {
    throw new EvidenceError(`${directory} has no ${FACTS_FILE}: it goes on, or came to no end`);
  }
  const facts = parsed(path);
  const read = fitted(restoreFactsForm, facts);
  // With its keys in the order in which they were written, as in the result.
  if ('value' in read) return facts as RestoreFacts;
  throw new EvidenceError(`${path}: ${read.problem}`);
}

function parsed(path: string): unknown {
  try {
    return JSON.parse(readWhole(path).toString('utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new EvidenceError(`${path}: it is not JSON`);
  }
}
