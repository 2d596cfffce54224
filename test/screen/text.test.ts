import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { makePaint } from '../../src/screen/paint.ts';
import {
  displayWidth,
  formatBytes,
  padEnd,
  printable,
  shellWord,
  table,
  truncate,
  wrap,
} from '../../src/screen/text.ts';

describe('screen text', () => {
  it('measures text as a terminal shows it: colour is nothing, wide characters are two', () => {
    expect(displayWidth(makePaint(true)('bad', 'lost'))).to.equal(4);
    expect(displayWidth('日本')).to.equal(4);
    expect(displayWidth('e\u0301')).to.equal(1);
  });

  it('quotes what is to be copied, as one line that a shell reads as it was', () => {
    const odd = `a\u001b[31mb\n## c\td'e\\f $(g) \u202eh`;
    for (const text of ['plain/word', "it's", 'two words', '$(touch x)', odd]) {
      const word = shellWord(text);
      expect(printable(word), 'nothing of it drives a terminal').to.equal(word);
      const said = execFileSync('bash', ['-c', `printf %s ${word}`], {
        env: { ...process.env, LC_ALL: 'C.UTF-8' },
      });
      expect(said.toString('utf8')).to.equal(text);
    }
  });

  it('pads coloured text to the width that is seen', () => {
    const padded = padEnd(makePaint(true)('good', 'ok'), 5);
    expect(displayWidth(padded)).to.equal(5);
    expect(padded.endsWith('   ')).to.equal(true);
  });

  it('wraps between words and never inside one, nor between a number and its unit', () => {
    expect(wrap('at most 63 ms later', 10)).to.deep.equal(['at most', '63 ms', 'later']);
    expect(wrap('/a/very/long/path/indeed x', 10)).to.deep.equal(['/a/very/long/path/indeed', 'x']);
  });

  it('keeps every word when it wraps', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 }),
        fc.nat({ max: 40 }),
        (words, width) => {
          const lines = wrap(words.join(' '), width);
          expect(lines.join(' ')).to.equal(words.join(' '));
          for (const line of lines.filter((each) => each.includes(' '))) {
            expect(line.length).to.be.at.most(width);
          }
        },
      ),
    );
  });

  it('cuts to a width and shows that it did', () => {
    expect(truncate('region-outage', 8)).to.equal('region-…');
    expect(truncate('short', 8)).to.equal('short');
    expect(displayWidth(truncate('日本語日本語', 6))).to.be.at.most(6);
  });

  it('aligns columns, without trailing blanks', () => {
    const rows = [
      ['a', '1', 'x'],
      ['long', '200', ''],
    ];
    expect(table(rows)).to.deep.equal(['a     1    x', 'long  200']);
  });

  it('cuts the last column of a table to the width', () => {
    expect(table([['id', 'a long description']], 12)).to.deep.equal(['id  a long …']);
  });

  it('shows everything that could move a cursor in foreign text', () => {
    expect(printable('\u001b[2Jred\r\nnext\u0007')).to.equal('\\u001b[2Jred next\\u0007');
  });

  it('writes sizes in decimal units', () => {
    expect([0, 999, 3072, 12_345, 1_500_000].map(formatBytes)).to.deep.equal([
      '0 B',
      '999 B',
      '3.1 kB',
      '12 kB',
      '1.5 MB',
    ]);
  });
});
