import { expect } from 'chai';
import { printable, visible, withoutCommands } from '../../src/base/visible.ts';

describe('text of others', () => {
  it('shows what drives a terminal by its number, and leaves all else', () => {
    expect(visible('a\u001b[2Jb\u0007')).to.equal('a\\u001b[2Jb\\u0007');
    expect(visible('\u009b31m\u007f\r')).to.equal('\\u009b31m\\u007f\\u000d');
    expect(visible('a\tb\nc — é 日本 👩‍🔧')).to.equal('a\tb\nc — é 日本 👩‍🔧');
  });

  it('shows what turns text round or ends a line unseen', () => {
    for (const code of [0x202a, 0x202e, 0x2066, 0x2069, 0x200e, 0x200f, 0x61c, 0x2028, 0xfeff]) {
      const character = String.fromCodePoint(code);
      expect(visible(`a${character}b`)).to.equal(`a\\u${code.toString(16).padStart(4, '0')}b`);
    }
    for (const near of ['\u2010', '\u2027', '\u202f', '\u2065', '\u206a', '\u00a0']) {
      expect(visible(near)).to.equal(near);
    }
  });

  it('leaves a JSON text the same value', () => {
    const value = { name: 'a\u202eb\u007f\u009b\u2028 "\\' };
    expect(JSON.parse(visible(JSON.stringify(value, null, 2)))).to.deep.equal(value);
  });

  it('is one line where one line is wanted', () => {
    expect(printable('a\r\n\tb\u2028c')).to.equal('a b\\u2028c');
  });

  it('is no command of a CI runner', () => {
    expect(withoutCommands('::error::x\n  ::set-env::y')).to.equal(
      '\\u003a:error::x\n  \\u003a:set-env::y',
    );
    expect(withoutCommands('a ##[group]')).to.equal('a #\\u0023[group]');
    expect(withoutCommands('listens on ::1, a::b')).to.equal('listens on ::1, a::b');
  });
});
