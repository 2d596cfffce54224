// How a problem of a drill file is shown: the line, and a caret below what is meant.
import { expect } from 'chai';
import { formatDiagnostic } from '../../../src/drill/file/diagnostic.ts';
import { GOOD, parse } from '../../support/plan/drill-file.ts';

describe('a problem of a drill file', () => {
  it('underlines exactly the value that is meant', () => {
    const [first] = parse(GOOD.replace('rpo: 1s', 'rpo: 5 sec')).diagnostics;
    expect(formatDiagnostic(first!).split('\n').slice(1)).to.deep.equal([
      '  3 | targets: { rto: 15s, rpo: 5 sec }',
      '    |                           ^^^^^',
    ]);
  });

  it('keeps tabs and wide characters above the caret in step', () => {
    const [first] = parse(`${GOOD}description: "日本"\nsteady:\t{ fore: 3s }\n`).diagnostics;
    expect(formatDiagnostic(first!).split('\n').slice(1)).to.deep.equal([
      '  9 | steady:\t{ fore: 3s }',
      '    |        \t  ^^^^',
    ]);
    const [second] = parse(`${GOOD}workload: { "日本": 1 }\n`).diagnostics;
    expect(formatDiagnostic(second!).split('\n').at(-1)).to.equal(
      `    |             ${'^'.repeat(6)}`,
    );
  });

  it('cuts a long line around the caret and shows no control characters', () => {
    const [first] = parse(
      `${GOOD}workload: { ${' '.repeat(500)}rat\u009be: "\\e[31m" }\n`,
    ).diagnostics;
    const lines = formatDiagnostic(first!).split('\n');
    expect(lines[1]!.length).to.be.lessThan(110);
    expect(lines[1]!.indexOf('rat')).to.equal(lines[2]!.indexOf('^'));
    expect(lines.join('')).not.to.match(/\p{Cc}/u);
  });

  it('shows by its number what would drive a terminal, with the caret in step', () => {
    const evil = 'a\u202eb\u2066c\u200f';
    const marked = 'a\\u202eb\\u2066c\\u200f';
    for (const more of [`preflight: "${evil}"`, `"${evil}": 1`]) {
      const text = `${GOOD}${more}\n`;
      const all = parse(text).diagnostics.map(formatDiagnostic);
      expect(all, more).to.not.have.length(0);
      for (const shown of all) {
        expect(shown).not.to.match(/(?!\n)[\p{Cc}\u200e-\u200f\u2028-\u202e\u2066-\u2069]/u);
      }
      const [, line = '', caret = ''] = all.find((each) => each.includes(marked))!.split('\n');
      expect(line.slice(caret.indexOf('^'))).to.include(marked);
    }
  });
});
