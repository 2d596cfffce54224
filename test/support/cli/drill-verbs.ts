// Calls a verb in a folder of its own and keeps what it printed.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CliContext, Verb, VerbArguments } from '../../../src/cli/verb.ts';

export const GOOD = `drill: 1
name: good
targets: { rto: 15s, rpo: 1s }
topology: { strategy: warm-standby }
faults: [{ at: 2s, kind: lose-region, region: east }]
`;

export interface Called {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export function makeFolder(): string {
  return mkdtempSync(join(tmpdir(), 'drill-verb-'));
}

export function removeFolder(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

export async function call(
  verb: Verb,
  args: VerbArguments,
  directory: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Called> {
  const written = { stdout: '', stderr: '' };
  const output = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => void (written[name] += text),
    isTerminal: false,
    hasColour: false,
    columns: () => 80,
    rows: () => 24,
  });
  const context: CliContext = {
    screen: { stdout: output('stdout'), stderr: output('stderr') },
    directory,
    environment,
    interrupt: new AbortController().signal,
    kill: new AbortController().signal,
    ask: null,
  };
  return { code: await verb.run(args, context), ...written };
}
