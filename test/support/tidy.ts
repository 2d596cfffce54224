// The rules of the source tree that lint cannot say: layers, homes of packages, purity, sizes.
// Pure, so that the test can plant violations. Problems read `file:line: error: …`.
import { fileCircles, folderCircles, importsOf, resolveImport } from './import-graph.ts';

/**
 * From top to bottom. A folder imports only from lower lines, never from its own line or a higher
 * one.
 */
const LAYERS: readonly (readonly string[])[] = [
  ['main'],
  ['cli', 'library'],
  ['dashboard'],
  ['gameday'],
  ['session'],
  ['doctor', 'selftest'],
  ['engine', 'report', 'archive'],
  ['fault', 'recovery'],
  ['workload', 'topology'],
  ['app'],
  ['postgres', 'redis', 'gslb', 'link', 'queue'],
  ['verdict'],
  ['measure'],
  ['evidence'],
  ['drill'],
  ['screen', 'host'],
  ['base'],
];

/**
 * From top to bottom, the sub-folders of a top folder that have an order beyond that no circle may
 * run through them.
 */
const INNER_LAYERS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  measure: [
    ['measure/failback'],
    ['measure/loss', 'measure/service'],
    ['measure/journal'],
    ['measure/operations'],
  ],
  topology: [
    ['topology/embedded', 'topology/compose', 'topology/attached'],
    ['topology/assembled'],
    ['topology/system'],
  ],
  postgres: [
    ['postgres/restore'],
    ['postgres/repository'],
    ['postgres/backup', 'postgres/bidirectional'],
    ['postgres/replicate', 'postgres/read', 'postgres/disturb'],
    ['postgres/server'],
  ],
};

const PURE = ['drill', 'measure', 'verdict', 'base'];
const LINES_MAX = 300;
const FILES_MAX = 20;
const COLUMNS_MAX = 100;

/** Where a third-party package may be imported. */
const HOMES: Readonly<Record<string, readonly string[]>> = {
  '@hono/node-server': ['dashboard'],
  croner: ['gameday'],
  'dns-packet': ['gslb'],
  dockerode: ['topology'],
  'get-port': ['host'],
  hono: ['dashboard'],
  ioredis: ['redis', 'app'],
  'junit-report-builder': ['report'],
  'log-update': ['screen'],
  nodemailer: ['gameday'],
  pg: ['postgres', 'app', 'workload', 'queue', 'archive'],
  'pg-boss': ['queue'],
  'pg-copy-streams': ['postgres'],
  'prom-client': ['dashboard'],
  undici: ['workload'],
  yaml: ['drill', 'cli'],
  // Besides drill files: what stands in an undo log, which nobody believes.
  zod: ['drill', 'evidence', 'gameday', 'link', 'topology', 'engine', 'queue'],
};

/** Problems of a tree given as path (`src/…`) → text. */
export function tidyProblems(files: ReadonlyMap<string, string>): string[] {
  const problems: string[] = [];
  for (const [path, text] of files) {
    problems.push(...sizeProblems(path, text));
    for (const { line, target } of importsOf(text)) {
      const problem = importProblem(path, target);
      if (problem !== null) problems.push(`${path}:${line}: error: ${problem}`);
    }
  }
  for (const circle of [...fileCircles(files), ...folderCircles(files)]) {
    problems.push(`${circle}: error: imports go round in a circle`);
  }
  problems.push(...crowdProblems(files));
  return problems;
}

function sizeProblems(path: string, text: string): string[] {
  const lines = text.split('\n');
  const problems: string[] = [];
  if (lines.length - 1 > LINES_MAX) {
    problems.push(`${path}:${LINES_MAX}: error: ${lines.length - 1} lines, at most ${LINES_MAX}`);
  }
  if (!/^(#!.*\n)?(\/\/|\/\*)/.test(text)) {
    problems.push(`${path}:1: error: a file opens with a sentence on what it is for`);
  }
  lines.forEach((line, index) => {
    if (line.length > COLUMNS_MAX) {
      problems.push(`${path}:${index + 1}: error: ${line.length} columns, at most ${COLUMNS_MAX}`);
    }
  });
  return problems;
}

function crowdProblems(files: ReadonlyMap<string, string>): string[] {
  const counts = new Map<string, number>();
  for (const path of files.keys()) {
    const folder = path.slice(0, path.lastIndexOf('/'));
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count > FILES_MAX)
    .map(([folder, count]) => `${folder}/: error: ${count} files, at most ${FILES_MAX}`);
}

function importProblem(path: string, target: string): string | null {
  const from = folderOf(path);
  if (target.startsWith('.')) {
    const resolved = resolveImport(path, target);
    return layerProblem(from, folderOf(resolved)) ?? insideProblem(path, resolved);
  }
  if (target.startsWith('node:')) {
    const isAllowed = !PURE.includes(from) || target === 'node:assert';
    return isAllowed ? null : `${from}/ is pure and may not import ${target}`;
  }
  const name = target.startsWith('@')
    ? target.split('/').slice(0, 2).join('/')
    : target.split('/')[0]!;
  const homes = HOMES[name];
  if (homes === undefined) return `the package ${name} has no home: give it one in HOMES`;
  return homes.includes(from) ? null : `${name} is imported in ${homes.join(', ')} only`;
}

function layerProblem(from: string, to: string): string | null {
  if (from === to) return null;
  const upper = LAYERS.findIndex((layer) => layer.includes(from));
  const lower = LAYERS.findIndex((layer) => layer.includes(to));
  if (upper < 0 || lower < 0) return `${upper < 0 ? from : to}/ is in no layer`;
  return lower > upper ? null : `${from}/ may not import ${to}/: imports go down only`;
}

/** The sub-folder with an order that a folder is, or is in; its level is -1 where there is none. */
interface Inner {
  readonly level: number;
  readonly name: string | undefined;
}

/** Inside a top folder some sub-folders know nothing of each other, or only one of the other. */
function insideProblem(path: string, target: string): string | null {
  const from = path.split('/').slice(1, -1).join('/');
  const to = target.split('/').slice(1, -1).join('/');
  const layers = INNER_LAYERS[from.split('/')[0]!];
  if (layers === undefined || from === to) return null;
  const [own, other] = [from, to].map((folder) => {
    const holds = (name: string) => folder === name || folder.startsWith(`${name}/`);
    const level = layers.findIndex((layer) => layer.some(holds));
    return { level, name: layers[level]?.find(holds) };
  }) as [Inner, Inner];
  if (own.level < 0 || other.level < 0 || own.name === other.name) return null;
  if (other.level > own.level) return null;
  return `${from}/ may not import ${to}/: imports go down only`;
}

/** `src/drill/plan/plan.ts` → `drill`; `src/main.ts` → `main`. */
function folderOf(path: string): string {
  const [, first = ''] = path.split('/');
  return first.replace(/\.ts$/, '');
}
