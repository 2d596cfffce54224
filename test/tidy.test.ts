// The source tree keeps its own rules, and the checks catch what they are for.
import { expect } from 'chai';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tidyProblems } from './support/tidy.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

function sources(): Map<string, string> {
  const list = execFileSync('find', ['src', '-name', '*.ts'], { cwd: root, encoding: 'utf8' });
  const paths = list.trim().split('\n');
  return new Map(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

describe('tidy', () => {
  it('finds nothing wrong with the source tree', () => {
    expect(tidyProblems(sources())).to.deep.equal([]);
  });

  const head = '// A sentence.\n';
  const planted: [string, string, string, RegExp][] = [
    [
      'an import that goes up',
      'src/measure/a.ts',
      `${head}import '../engine/run.ts';`,
      /down only/,
    ],
    ['an import that goes sideways', 'src/link/a.ts', `${head}import '../gslb/b.ts';`, /down only/],
    [
      'a type that comes from above',
      'src/measure/a.ts',
      `${head}import type { Run } from '../engine/run.ts';`,
      /down only/,
    ],
    ['a folder without a layer', 'src/misc/a.ts', `${head}import '../base/b.ts';`, /no layer/],
    ['a node module in a pure folder', 'src/drill/a.ts', `${head}import 'node:fs';`, /is pure/],
    ['a package away from home', 'src/engine/a.ts', `${head}import pg from 'pg';`, /only/],
    ['a package without a home', 'src/engine/a.ts', `${head}import _ from 'lodash';`, /no home/],
    [
      'a dynamic import that goes up',
      'src/base/a.ts',
      `${head}import('../cli/a.ts');`,
      /down only/,
    ],
    ['a file of 301 lines', 'src/base/a.ts', `${head}${'\n'.repeat(300)}`, /301 lines/],
    ['a line of 101 columns', 'src/base/a.ts', `${head}${'x'.repeat(101)}`, /101 columns/],
    ['a file that does not say what it is for', 'src/base/a.ts', 'export {};', /opens with/],
  ];
  const inside: [string, string, string, RegExp][] = [
    [
      'one runtime that knows the other',
      'src/topology/embedded/a.ts',
      `${head}import type { B } from '../compose/b.ts';`,
      /embedded\/ may not import topology\/compose\//,
    ],
    [
      'a part of one runtime that knows the other',
      'src/topology/compose/engine/a.ts',
      `${head}import type { B } from '../../embedded/b.ts';`,
      /compose\/engine\/ may not import topology\/embedded\//,
    ],
    [
      'what is assembled once and knows a runtime',
      'src/topology/assembled/a.ts',
      `${head}import { b } from '../embedded/b.ts';`,
      /assembled\/ may not import topology\/embedded\//,
    ],
    [
      'servers that know of their backups',
      'src/postgres/server/a.ts',
      `${head}import { b } from '../repository/b.ts';`,
      /server\/ may not import postgres\/repository\//,
    ],
    [
      'a type that goes up',
      'src/postgres/read/a.ts',
      `${head}import type { B } from '../restore/b.ts';`,
      /read\/ may not import postgres\/restore\//,
    ],
  ];
  for (const [what, path, text, problem] of [...planted, ...inside]) {
    it(`catches ${what}`, () => {
      const problems = tidyProblems(new Map([[path, text]]));
      expect(problems).to.have.length(1);
      expect(problems[0]).to.match(problem);
    });
  }

  const circles: [string, Record<string, string>, RegExp][] = [
    [
      'a circle of types between two files',
      {
        'src/link/a.ts': `${head}import type { B } from './b.ts';`,
        'src/link/b.ts': `${head}import type { A } from './a.ts';`,
      },
      /^src\/link\/a.ts → src\/link\/b.ts → src\/link\/a.ts: error/,
    ],
    [
      'a circle between a folder and a file above it',
      {
        'src/topology/reuse.ts': `${head}import type { B } from './compose/b.ts';`,
        'src/topology/compose/b.ts': `${head}export type B = 1;`,
        'src/topology/compose/c.ts': `${head}import { a } from '../reuse.ts';`,
      },
      /^topology\/compose → topology\/reuse.ts → topology\/compose: error/,
    ],
    [
      'a circle between two sub-folders, though no file is in one',
      {
        'src/link/proxy/a.ts': `${head}import { b } from '../client/b.ts';`,
        'src/link/client/b.ts': `${head}export const b = 1;`,
        'src/link/client/c.ts': `${head}import { d } from '../proxy/d.ts';`,
        'src/link/proxy/d.ts': `${head}export const d = 1;`,
      },
      /^link\/client → link\/proxy → link\/client: error/,
    ],
    [
      'a circle of sub-folders in one that is deeper',
      {
        'src/report/a/x.ts': `${head}import '../b/y.ts';`,
        'src/report/b/y.ts': `${head}import '../c/z.ts';`,
        'src/report/c/z.ts': `${head}import('../a/w.ts');`,
        'src/report/a/w.ts': head,
      },
      /^report\/a → report\/b → report\/c → report\/a: error/,
    ],
  ];
  for (const [what, files, problem] of circles) {
    it(`catches ${what}`, () => {
      const problems = tidyProblems(new Map(Object.entries(files)));
      const found = problems.filter((each) => problem.test(each));
      expect(found, problems.join('\n')).to.have.length(1);
    });
  }

  it('catches 21 files beside each other', () => {
    const names = Array.from({ length: 21 }, (_, index) => `src/base/f${index}.ts`);
    const problems = tidyProblems(new Map(names.map((name) => [name, head])));
    expect(problems).to.deep.equal(['src/base/: error: 21 files, at most 20']);
  });

  const lintPlants: [string, string, string, string][] = [
    [
      'process outside the edges',
      'src/engine/a.ts',
      'export const a = process.pid;',
      'restricted-globals',
    ],
    ['Date.now', 'src/engine/a.ts', 'export const a = Date.now();', 'restricted-properties'],
    ['Math.random', 'src/measure/a.ts', 'export const a = Math.random();', 'restricted-properties'],
    [
      'a floating promise',
      'src/base/a.ts',
      'async function f() {}\nf();\nexport {};',
      'floating-promises',
    ],
    [
      'a function of 71 lines',
      'src/base/a.ts',
      `export function f() {${'\n'.repeat(70)}}`,
      'max-lines-per-function',
    ],
  ];
  for (const [what, path, text, rule] of lintPlants) {
    it(`has lint catch ${what}`, () => {
      expect(lintOf(path, text)).to.contain(rule);
    });
  }

  it('has lint catch a cycle of imports', () => {
    const output = lintOf('src/base/a.ts', "import { b } from './b.ts';\nexport const a = b;", {
      'src/base/b.ts': "import { a } from './a.ts';\nexport const b = () => a;",
    });
    expect(output).to.contain('no-cycle');
  });
});

/** What the project's lint says of a small tree with these files. */
function lintOf(path: string, text: string, others: Record<string, string> = {}): string {
  const place = mkdtempSync(join(tmpdir(), 'drill-lint-'));
  try {
    for (const [file, content] of Object.entries({ ...others, [path]: text })) {
      mkdirSync(join(place, dirname(file)), { recursive: true });
      writeFileSync(join(place, file), `${content}\n`);
    }
    for (const file of ['.oxlintrc.json', 'tsconfig.json', 'package.json']) {
      cpSync(join(root, file), join(place, file));
    }
    symlinkSync(join(root, 'node_modules'), join(place, 'node_modules'));
    const lint = join(root, 'node_modules/.bin/oxlint');
    const ran = spawnSync(lint, ['--type-aware', 'src'], { cwd: place, encoding: 'utf8' });
    return ran.stdout + ran.stderr;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
