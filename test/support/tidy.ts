// The rules of the source tree that lint cannot say: layers, homes of packages, purity, sizes.
// Pure, so that the test can plant violations. Problems read `file:line: error: …`.

/**
 * From top to bottom. A folder imports only from lower lines, never from its own line or a higher
 * one.
 */
const LAYERS: readonly (readonly string[])[] = [
  ['main'],
  ['cli'],
  ['gameday', 'dashboard', 'doctor'],
  ['engine', 'report', 'archive'],
  ['fault', 'recovery'],
  ['workload', 'topology'],
  ['postgres', 'redis', 'gslb', 'link', 'app'],
  ['verdict'],
  ['measure'],
  ['evidence'],
  ['drill'],
  ['screen', 'host'],
  ['base'],
];

const PURE = ['drill', 'measure', 'verdict', 'base'];
const LINES_MAX = 300;
const COLUMNS_MAX = 100;

/** Where a third-party package may be imported. */
const HOMES: Readonly<Record<string, readonly string[]>> = {
  'dns-packet': ['gslb'],
  dockerode: ['topology'],
  execa: ['host', 'postgres'],
  'get-port': ['host'],
  ioredis: ['redis', 'app'],
  'junit-report-builder': ['report'],
  'log-update': ['screen'],
  pg: ['postgres', 'app', 'workload'],
  'pg-copy-streams': ['postgres'],
  'toxiproxy-node-client': ['link'],
  undici: ['workload'],
  yaml: ['drill', 'cli'],
  yargs: ['cli'],
  zod: ['drill'],
};

const IMPORT = /(?:^|\s)(?:import|export)\s(?:[^'";]*?\sfrom\s)?'([^']+)'|import\('([^']+)'\)/g;

/** Problems of a tree given as path (`src/…`) → text. */
export function tidyProblems(files: ReadonlyMap<string, string>): string[] {
  const problems: string[] = [];
  for (const [path, text] of files) {
    problems.push(...sizeProblems(path, text));
    for (const match of text.matchAll(IMPORT)) {
      const line = text.slice(0, match.index + 1).split('\n').length;
      const problem = importProblem(path, (match[1] ?? match[2])!);
      if (problem !== null) problems.push(`${path}:${line}: error: ${problem}`);
    }
  }
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

function importProblem(path: string, target: string): string | null {
  const from = folderOf(path);
  if (target.startsWith('.')) {
    const to = folderOf(new URL(target, `file:///${path}`).pathname.slice(1));
    return layerProblem(from, to);
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

/** `src/drill/plan/plan.ts` → `drill`; `src/main.ts` → `main`. */
function folderOf(path: string): string {
  const [, first = ''] = path.split('/');
  return first.replace(/\.ts$/, '');
}
