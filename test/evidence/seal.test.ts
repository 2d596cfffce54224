// Seals: a number and a running checksum on each line, and the hash of each file. What happens to
// one line is said of that line, and the rest of the file is judged by itself.
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { expect } from 'chai';
import { EvidenceError, UnreadableError } from '../../src/evidence/evidence-error.ts';
import { sealChecker, sealer, sealOf } from '../../src/evidence/seal.ts';

const values = [{ a: 1 }, { b: 'two' }, { c: [3] }, { d: null }];
const linesOf = () => values.map(sealer());
const problemsOf = (lines: readonly string[], isSealed: boolean | null = null) =>
  lines.map(sealChecker(isSealed));
const NONE = values.map(() => null);

describe('the seal of a line', () => {
  it('is its number and the checksum of all up to it', () => {
    const [one, two] = linesOf();
    const first = '{"a":1,"n":1';
    const second = '{"b":"two","n":2';
    const hex = (sum: number) => sum.toString(16).padStart(8, '0');
    expect(one).to.equal(`${first},"sum":"${hex(crc32(first))}"}`);
    expect(two).to.equal(`${second},"sum":"${hex(crc32(second, crc32(first)))}"}`);
  });

  it('has eight digits, whatever the checksum is', () => {
    const lines = Array.from({ length: 600 }, (_, at) => ({ at })).map(sealer());
    for (const line of lines) expect(line).to.match(/,"sum":"[0-9a-f]{8}"\}$/);
    expect(lines.some((line) => line.includes('"sum":"0'))).to.equal(true);
    expect(problemsOf(lines).filter((problem) => problem !== null)).to.deep.equal([]);
  });

  it('says nothing of what was written, and of files of before there were any', () => {
    expect(problemsOf(linesOf())).to.deep.equal(NONE);
    expect(problemsOf(values.map((value) => JSON.stringify(value)))).to.deep.equal(NONE);
  });

  it('shows what was altered, by the line', () => {
    const lines = linesOf();
    lines[1] = lines[1]!.replace('two', 'ten');
    expect(problemsOf(lines)).to.deep.equal([null, 'is not as it was written', null, null]);
  });

  it('shows what is gone, doubled or in another place', () => {
    const [a, b, c, d] = linesOf() as [string, string, string, string];
    expect(problemsOf([a, c, d])).to.deep.equal([null, 'has the number 3', null]);
    expect(problemsOf([a, b, b, c])).to.deep.equal([null, null, 'has the number 2', null]);
    expect(problemsOf([a, c, b, d])[1]).to.equal('has the number 3');
    // With the right number and after another line, the checksum tells.
    const other = [{ a: 9 }, { b: 'two' }].map(sealer());
    expect(problemsOf([a, other[1]!])).to.deep.equal([null, 'is not as it was written']);
    expect(problemsOf([b])).to.deep.equal(['has the number 2']);
  });

  it('shows what has lost its seal, or got one', () => {
    const [a, b, c] = linesOf() as [string, string, string, string];
    const bare = JSON.stringify(values[1]);
    expect(problemsOf([a, bare, c])).to.deep.equal([
      null,
      'has lost its checksum',
      'has the number 3',
    ]);
    const early = 'has a checksum, and there were none when its run began';
    expect(problemsOf([bare, b])[1]).to.equal(early);
    // The run may have said whether its files are sealed.
    expect(problemsOf([a], false)).to.deep.equal([early]);
    expect(problemsOf([bare], true)).to.deep.equal(['has lost its checksum']);
    expect(problemsOf([a, bare], false)[1]).to.equal(null);
    // A seal is the end of a line, and nothing within it.
    expect(problemsOf([a, `${b} `])[1]).to.equal('has lost its checksum');
    expect(problemsOf([a, b.replace(/"sum":"./, '"sum":"g')])[1]).to.equal('has lost its checksum');
  });
});

describe('the seal of a file', () => {
  let folder = '';
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'drill-seal-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is its size and hash, however long it is', () => {
    const path = join(folder, 'ledger.bin');
    const long = Buffer.from(Array.from({ length: 300_000 }, (_, at) => `${at % 97};`).join(''));
    for (const bytes of [Buffer.alloc(0), Buffer.from('x'), Buffer.concat([long, long, long])]) {
      writeFileSync(path, bytes);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const seal = { file: 'the ledger', bytes: bytes.length, sha256 };
      expect(sealOf(path, 'the ledger')).to.deep.equal(seal);
    }
    expect(3 * long.length).to.be.greaterThan(1024 * 1024); // more than is read at once
  });

  it('is none where there is no file', () => {
    expect(() => sealOf(join(folder, 'none'), 'none')).to.throw(
      EvidenceError,
      /ENOENT|no such|not there/i,
    );
  });

  it('is none where reading fails, and leaves no file open', () => {
    const before = readdirSync('/proc/self/fd').length;
    writeFileSync(join(folder, 'one'), 'x');
    sealOf(join(folder, 'one'), 'one');
    expect(() => sealOf('/proc/self/mem', 'memory')).to.throw(UnreadableError, 'EIO');
    expect(readdirSync('/proc/self/fd')).to.have.lengthOf(before);
  });
});
