// The documents say what the code does: the reference is what it generates, links lead somewhere,
// and printed commands have verbs and flags that there are.
import { expect } from 'chai';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reportPicture } from '../../docs/generate/report-picture.ts';
import { referenceText } from '../../docs/generate/reference.ts';
import { verbs } from '../../src/cli/verbs.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
const pages = ['README.md', 'compose/README.md', ...docs.map((name) => `docs/${name}`)];
const textOf = (page: string) => readFileSync(join(root, page), 'utf8');

describe('documents', () => {
  it('have the reference that `npm run docs` makes', async () => {
    const isSame = textOf('docs/reference.md') === (await referenceText());
    expect(isSame, 'docs/reference.md is out of date: npm run docs').to.equal(true);
  });

  it('have the picture of a report that `npm run docs` makes', () => {
    const isSame = textOf('docs/report.svg') === reportPicture();
    expect(isSame, 'docs/report.svg is out of date: npm run docs').to.equal(true);
  });

  it('have a README for the first ten minutes', () => {
    expect(textOf('README.md').split('\n').length).to.be.at.most(151);
  });

  for (const page of pages) {
    it(`lead somewhere from ${page}`, () => {
      for (const [, target = ''] of textOf(page).matchAll(/\]\(([^)]+)\)/g)) {
        const [path = '', anchor] = target.split('#');
        const file = path === '' ? page : join(dirname(page), path);
        expect(existsSync(join(root, file)), `${page}: ${target}`).to.equal(true);
        if (anchor === undefined) continue;
        expect(anchorsOf(textOf(file)), `${page}: ${target}`).to.include(anchor);
      }
    });
  }

  it('name verbs and flags that there are', async () => {
    const known = new Map<string, string[]>();
    for (const entry of verbs) known.set(entry.name, Object.keys((await entry.load()).options));
    for (const page of pages) {
      for (const [command, verb = '', rest = ''] of textOf(page).matchAll(COMMAND)) {
        const flags = [...rest.matchAll(/ --([a-z][a-z-]*)/g)].map(([, flag]) => flag);
        expect([...known.keys()], `${page}: ${command}`).to.include(verb);
        expect(known.get(verb), `${page}: ${command}`).to.include.members(flags);
      }
    }
  });
});

/** A command on a line of its own, or in code. */
const COMMAND = /npx drill ([a-z]+)([^\n`#]*)/g;

/** As GitHub makes them of headings. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}
