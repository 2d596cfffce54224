// A restore drill in a test: run from its text, with nothing left of its sandbox.
import { expect } from 'chai';
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RestoreResult } from '../../../src/evidence/backup/restore-form.ts';
import { removeTree } from '../../../src/host/files.ts';
import { postgresBelow } from '../../../src/host/process/processes.ts';
import { readRestore, runRestore } from '../../../src/session/restore/restore-drill.ts';

const WITHIN = 0o711;

/** `directory` is made and removed again; `look` sees the run's folder before. */
export async function drillIt(
  directory: string,
  text: string,
  environment: NodeJS.ProcessEnv = process.env,
  look: (run: string) => void = () => {},
): Promise<RestoreResult> {
  mkdirSync(directory);
  chmodSync(directory, WITHIN); // the database's user passes through
  try {
    writeFileSync(join(directory, 'backup.yaml'), text);
    const { read, diagnostics } = await readRestore('backup.yaml', { directory });
    expect(diagnostics).to.deep.equal([]);
    const never = new AbortController().signal;
    const runs = join(directory, 'runs');
    const { result, place: made } = await runRestore(
      { ...read!, runs, onStep: () => {}, onBegun: () => {} },
      { directory, environment, interrupt: never, kill: never, ask: null },
    );
    expect(existsSync(made.scratch), 'the sandbox is gone').to.equal(false);
    expect(postgresBelow(made.scratch)).to.deep.equal([]);
    expect(readdirSync(made.directory)).to.include.members(['facts.json', 'result.json']);
    look(made.directory);
    return result;
  } finally {
    removeTree(directory);
  }
}

export const codesOf = ({ facts }: RestoreResult) => facts.findings.map(({ code }) => code);
