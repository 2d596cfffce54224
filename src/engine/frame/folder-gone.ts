// The folder of a run can be taken away while it runs, as by somebody who tidies a workspace. What
// then fails is no bug in drill, and nothing can be judged any more.
import { existsSync } from 'node:fs';
import { EvidenceError } from '../../evidence/evidence-error.ts';
import { runFile } from '../../evidence/run-files.ts';
import { EnvironmentError } from '../../host/environment-error.ts';
import type { RunPlace } from '../../topology/system/system.ts';

/** Null where the folder is there, with its plan, or where the error is about something else. */
export function folderGone(
  error: unknown,
  { directory }: Pick<RunPlace, 'directory'>,
): EnvironmentError | null {
  const isMissing =
    error instanceof EvidenceError || (error as { code?: string })?.code === 'ENOENT';
  if (!isMissing || existsSync(runFile(directory, 'plan'))) return null;
  return new EnvironmentError({
    what: `the folder of the run, ${directory}`,
    expected: 'that it stays until the run has ended',
    found: 'it was removed while the drill ran',
    hint: 'run the drill again, and leave the folder alone until it has ended',
    isMachine: true,
  });
}
