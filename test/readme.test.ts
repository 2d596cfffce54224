// test/README.md tells the truth: the files that its table names exist and belong to the command that
// it says, and no test of whole drills is forgotten.
import { expect } from 'chai';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { keyOf, type Table } from './support/runner/shares.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const read = (name: string) => readFileSync(here + name, 'utf8');
const table = JSON.parse(read('shares.json')) as Table;
const rows = read('README.md')
  .split('## Which test shows what')[1]!
  .split('\n')
  .map((line) => /^\| (.+?) +\| (`.+?) +\| (test|full|both) +\|$/.exec(line))
  .filter((row) => row !== null)
  .map(([, claim, files, command]) => ({
    claim,
    files: [...files!.matchAll(/`([^`]+)`/g)].map(([, name]) => `${name}.test.ts`),
    command,
  }));
const named = new Set(rows.flatMap(({ files }) => files));

function commandsOf(file: string): string[] {
  const share = table[keyOf(table, `test/${file}`)!]!;
  return (['test', 'full'] as const).filter((command) => share[command] !== undefined);
}

describe('the table of test/README.md', () => {
  it('has a row for each claim, and names files that are there', () => {
    expect(rows).to.have.length.above(30);
    expect([...named].filter((file) => !existsSync(here + file))).to.deep.equal([]);
  });

  it('names every test of whole drills', () => {
    const files = readdirSync(`${here}whole`, { recursive: true, encoding: 'utf8' });
    const whole = files.filter((file) => file.endsWith('.test.ts')).map((file) => `whole/${file}`);
    expect(whole.filter((file) => !named.has(file))).to.deep.equal([]);
  });

  it('says which command shows it', () => {
    const wrong = rows.filter(({ files, command }) => {
      const has = new Set(files.flatMap(commandsOf));
      return command === 'both' ? has.size < 2 : !has.has(command!);
    });
    expect(wrong.map(({ claim }) => claim)).to.deep.equal([]);
  });
});
