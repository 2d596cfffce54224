import { expect } from 'chai';
import { GOOD, heads, parse } from '../../support/plan/drill-file.ts';

/** Generous: what grows with the square of the file, or worse, takes minutes. */
const FAST_MS = 15_000;

function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}

describe('readYaml', () => {
  it('explains an empty file, and one of comments alone', () => {
    const message = 'a.yaml: error: the file is empty; `drill init` writes one to begin with';
    for (const text of ['', '\n\n', '# nothing\n', '---\n', '~\n']) {
      expect(heads(text)).to.deep.equal([message]);
    }
  });

  it('explains bytes that are not UTF-8 text', () => {
    expect(heads(bytes(0xff, 0xfe, 0x64, 0))[0]).to.contain('UTF-16 text; save it as UTF-8');
    expect(heads(bytes(0x64, 0x3a, 0xe9, 0x0a))[0]).to.contain('not UTF-8 text');
    expect(heads(bytes(0x7f, 0x45, 0x4c, 0x46, 0))[0]).to.contain('NUL bytes');
  });

  it('takes a byte-order mark and Windows line ends, with the right columns', () => {
    const windows = `\ufeff${GOOD.replaceAll('\n', '\r\n')}`;
    expect(parse(windows).diagnostics).to.deep.equal([]);
    const [place] = parse(windows.replace('drill: 1', 'drill: 2')).diagnostics.map(
      (each) => each.place,
    );
    expect(place).to.deep.include({ line: 1, column: 8, text: 'drill: 2' });
  });

  it('explains a tab that indents', () => {
    expect(heads('topology:\n\tstrategy: warm-standby\n')[0]).to.equal(
      'a.yaml:2:1: error: a tab indents this line; YAML indents with spaces',
    );
  });

  it('refuses a second document', () => {
    expect(heads(`${GOOD}---\n${GOOD}`)).to.deep.equal([
      'a.yaml:8:1: error: a second YAML document begins here; a file holds one drill',
    ]);
  });

  it('shows where the YAML itself is broken', () => {
    expect(heads('targets: { rto: 5s\nname: x\n')[0]).to.match(
      /^a.yaml:\d+:\d+: error: not valid YAML: /,
    );
  });

  it('says what is not a mapping at all', () => {
    const expected = 'a.yaml:1:1: error: expected keys with values, such as { key: value }';
    expect(heads('- a\n')[0]).to.equal(`${expected}, got a list`);
    expect(heads('just text\n')[0]).to.equal(`${expected}, got "just text"`);
  });

  it('reads anchors and aliases, and finds places through them', () => {
    const text = GOOD.replace('rto: 15s, rpo: 1s', 'rto: &time 15s, rpo: *time');
    expect(parse(text).drill?.targets.rpo).to.equal(15_000);
    expect(heads(text.replace('15s', '15'))[1]).to.match(/^a.yaml:3:32: error: targets.rpo:/);
  });

  it('refuses an alias of something that holds it, and one of nothing', () => {
    expect(heads('a: &a [*a]\n')).to.deep.equal([
      'a.yaml:1:8: error: the alias *a is part of what it stands for',
    ]);
    expect(heads('a: *b\n')[0]).to.equal(
      'a.yaml:1:4: error: the alias *b stands for nothing that was named before',
    );
  });

  const merged = (base: string, rest = 'rto: 15s') =>
    GOOD.replace('rto: 15s, rpo: 1s', `<<: ${base}, ${rest}`);

  it('takes in what a merge key names, under what the mapping says itself', () => {
    const base = '{ rto: 9s, rpo: 2s }';
    expect(parse(merged(base)).drill?.targets).to.include({ rto: 15_000, rpo: 2_000 });
    expect(parse(merged(base, 'rpo: 1s')).drill?.targets).to.include({ rto: 9_000, rpo: 1_000 });
    const list = `[{ rpo: 3s }, ${base}]`;
    expect(parse(merged(list)).drill?.targets).to.include({ rto: 15_000, rpo: 3_000 });
  });

  it('finds the place of what came by a merge key where it was written', () => {
    expect(heads(merged('{ rpo: 2 }'))[0]).to.match(/^a.yaml:3:23: error: targets.rpo:/);
    expect(heads(merged('[{ rto: 9s }, { rpo: 2 }]'))[0]).to.match(
      /^a.yaml:3:37: error: targets.rpo:/,
    );
  });

  it('refuses a merge key of something that is no mapping, and a second one', () => {
    const message = 'a.yaml:3:12: error: << takes in a mapping, or a list of them: <<: *anchor';
    for (const wrong of ['3', '[3]', '', '[[{ rpo: 2s }]]']) {
      expect(heads(merged(wrong)), wrong).to.deep.equal([message]);
    }
    expect(heads(merged('{ rpo: 2s }', '<<: { rto: 9s }'))[0]).to.contain(
      'the key << stands here twice',
    );
  });

  it('takes a quoted << for a key like any other', () => {
    expect(heads(merged('{ rpo: 2s }').replace('<<', '"<<"'))[0]).to.contain(
      'targets.<<: unknown key',
    );
  });

  it('takes in nothing of a key that JavaScript keeps for itself', () => {
    const unknown = parse(`${GOOD}constructor: 5\n`).diagnostics;
    expect(unknown.map(({ path }) => path)).to.deep.equal(['constructor']);
    expect(heads(`${GOOD}__proto__: { drill: 2 }\n`)).to.have.lengthOf(1);
    expect(({} as Record<string, unknown>)['drill']).to.equal(undefined);
  });

  it('counts no bracket, alias or dash that stands in a text or a comment', () => {
    const marks = '[*a - '.repeat(200);
    const text = `# ${marks}\n${GOOD}description: '${marks}'\n`;
    expect(parse(text).diagnostics.map(({ message }) => message)).to.deep.equal([]);
  });

  const levels = 'bcdefghij'.split('').map((name, i) => {
    const below = String.fromCodePoint(97 + i);
    return `${name}: &${name} [${Array(9).fill(`*${below}`).join(', ')}]\n`;
  });
  const merges = Array.from(
    { length: 45 },
    (_, i) => `l${i + 1}: &l${i + 1} { <<: [*l${i}, *l${i}] }\n`,
  );
  const bombs: readonly (readonly [string, string, RegExp])[] = [
    [
      'aliases that unfold without end',
      `a: &a [x, x, x]\n${levels.join('')}`,
      /unfold into too much data/,
    ],
    [
      'merge keys that unfold without end',
      `l0: &l0 { x: 1 }\n${merges.join('')}`,
      /unfold into too much data/,
    ],
    [
      'a list of very many aliases',
      `a: &a x\nb: [${'*a,'.repeat(300_000)}]\n`,
      /more than 100 aliases/,
    ],
    [
      'ten megabytes',
      `a: &a x\n${'b: *a\n'.repeat(1_750_000)}`,
      /at most 1048576 \(1 MiB\) are read/,
    ],
    [
      'very many keys',
      Array.from({ length: 90_000 }, (_, i) => `k${i}:`).join('\n'),
      /more than 5000 keys/,
    ],
    ['very deep brackets', '['.repeat(500_000), /nested deeper than 100/],
    ['very deep lists', '- '.repeat(400_000), /nested too deeply/],
    [
      'very many unknown keys',
      Array.from({ length: 2400 }, (_, i) => `k${i}:`).join('\n'),
      /unknown key/,
    ],
  ];
  for (const [what, text, message] of bombs) {
    it(`is done soon with ${what}`, () => {
      expect(heads(text)[0]).to.match(message);
      expect(heads(text).length).to.be.lessThan(120);
    }).timeout(FAST_MS);
  }
});
