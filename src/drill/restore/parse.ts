// From the bytes of a restore file to a restore drill, or to all that is wrong with it, each at its
// place. Pure.
import * as z from 'zod';
import { KEY_IS_MISSING, nearestPlace } from '../file/checked-layers.ts';
import { hasErrors, inOrder, type Diagnostic } from '../file/diagnostic.ts';
import { diagnosticAt, findingsOf, issueMessage } from '../file/issues.ts';
import { keysAt } from '../file/key-tree.ts';
import { lookUp } from '../file/layers.ts';
import { expectKind } from '../file/other-kind.ts';
import { readYaml, type Path, type SourceFile } from '../file/yaml-source.ts';
import { BACKUP_KINDS, type BackupKind } from './backups.ts';
import {
  restoreFileJsonSchema,
  restoreFileOf,
  restoreFileSchema,
  type RestoreFile,
} from './schema.ts';

interface ParsedRestore {
  /** Null where an error is among the diagnostics. */
  readonly restore: RestoreFile | null;
  readonly diagnostics: readonly Diagnostic[];
}

export function parseRestore(source: SourceFile): ParsedRestore {
  const yaml = readYaml(source, 'see drills/attached/backup.yaml');
  const read = expectKind(yaml, 'restore');
  const problems: Diagnostic[] = [...read.diagnostics];
  const { source: origin } = read;
  if (origin === null) return { restore: null, diagnostics: problems };
  const kind = kindIn(origin.tree);
  const schema = kind === null ? ofNoKind : restoreFileOf(kind);
  const parsed = schema.safeParse(origin.tree, {
    error: issueMessage,
    reportInput: true,
  });
  if (!parsed.success) {
    const known = (path: Path) => keysAt(restoreFileJsonSchema(), path);
    for (const finding of findingsOf(parsed.error.issues, known)) {
      const problem = diagnosticAt(origin, finding);
      const isThere = lookUp(origin.tree, finding.path).found;
      const place = nearestPlace(origin, finding.path.slice(0, -1));
      problems.push(isThere ? problem : { ...problem, message: KEY_IS_MISSING, place });
    }
  }
  if (!parsed.success || kind === null) return { restore: null, diagnostics: inOrder(problems) };
  const restore = withTime(parsed.data as RestoreFile, lookUp(origin.tree, ['deadline']).found);
  if (restore.deadline < (restore.targets.restore ?? 0)) {
    problems.push(diagnosticAt(origin, { path: ['deadline'], part: 'value', message: TOO_EARLY }));
  }
  return { restore: hasErrors(problems) ? null : restore, diagnostics: inOrder(problems) };
}

const TOO_EARLY = 'expected targets.restore or more: what is given up before misses no target';

/** Where no deadline is stated it does not come before the target. */
function withTime(restore: RestoreFile, isStated: boolean): RestoreFile {
  const { deadline, targets } = restore;
  return isStated ? restore : { ...restore, deadline: Math.max(deadline, targets.restore ?? 0) };
}

const KINDS = Object.keys(BACKUP_KINDS) as BackupKind[];

/** For what else is wrong with a file that does not say what its backup is. */
const ofNoKind = restoreFileSchema.extend({ backup: z.looseObject({ kind: z.enum(KINDS) }) });

function kindIn(tree: unknown): BackupKind | null {
  const found = lookUp(tree, ['backup', 'kind']);
  return KINDS.find((kind) => found.found && found.value === kind) ?? null;
}
