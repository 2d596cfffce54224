// What a program of a run imports it loads, each time that it is started: the schemas of drill files
// and plans would take it longer than all else.
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { importsOf } from '../../support/import-graph.ts';
import { ROOT } from '../../support/whole/drill-cli.ts';

/** Packages that are loaded with the file, types left out. */
function packagesOf(file: string, seen = new Set<string>()): Set<string> {
  const packages = new Set<string>();
  if (seen.has(file)) return packages;
  seen.add(file);
  const text = readFileSync(file, 'utf8').replaceAll(/^import type [^;]*;$/gm, '');
  for (const { target } of importsOf(text)) {
    if (!target.startsWith('.')) packages.add(target);
    else for (const each of packagesOf(join(dirname(file), target), seen)) packages.add(each);
  }
  return packages;
}

describe('the programs of a run', () => {
  for (const program of ['app', 'gslb', 'workload', 'link/proxy']) {
    it(`load no schemas: ${program}`, () => {
      const packages = [...packagesOf(join(ROOT, 'src', program, 'main.ts'))];
      expect(packages).not.to.include('zod');
    });
  }

  it('are told from the one that reads drill files, which loads them', () => {
    expect([...packagesOf(join(ROOT, 'src', 'main.ts'))]).to.include('zod');
  });
});
