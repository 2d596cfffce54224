import { expect } from 'chai';
import { assert, asyncProperty, constantFrom, nat } from 'fast-check';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  cpSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sealTree, takeOver, treeDamage } from '../../../src/host/tree/whole-tree.ts';
import { ownIds, ownUid } from '../../../src/host/users.ts';
import { requirePart } from '../../support/require.ts';

const NOBODY = 65_534;
/** Change times are no finer. */
const KERNEL_TICK_MS = 10;

describe('a sealed tree', () => {
  let root: string;
  let tree: string;
  const at = (path: string) => join(tree, path);
  const seal = async () => {
    rmSync(tree, { recursive: true, force: true });
    mkdirSync(at('data/deep'), { recursive: true, mode: 0o700 });
    writeFileSync(at('password'), 'secret', { mode: 0o600 });
    writeFileSync(at('data/control'), Buffer.alloc(8192, 7), { mode: 0o600 });
    writeFileSync(at('data/deep/empty'), '', { mode: 0o600 });
    symlinkSync('control', at('data/link'));
    chmodSync(tree, 0o755);
    await sealTree(tree);
  };
  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'drill-tree-'));
    tree = join(root, 'tree');
    await seal();
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('is whole until something in it is another', async () => {
    const harms: [() => void, string][] = [
      [() => rmSync(at('data/deep/empty')), 'data/deep/empty is missing'],
      [() => rmSync(at('data'), { recursive: true }), 'data is missing'],
      [() => rmSync(at('manifest.json')), 'its manifest is missing'],
      [() => truncateSync(at('manifest.json'), 50), 'JSON'],
      [() => writeFileSync(at('manifest.json'), 'null'), 'its manifest is damaged'],
      [() => truncateSync(at('password')), 'password was changed'],
      [() => appendFileSync(at('data/deep/empty'), 'x'), 'data/deep/empty was changed'],
      [() => writeFileSync(at('data/more'), ''), 'data/more was not made by drill'],
      [() => replaceByLink('data/control'), 'data/control was changed'],
      [() => retarget('data/link'), 'data/link was changed'],
      [() => chmodSync(at('password'), 0o606), 'can be written by others'],
      [() => chmodSync(tree, 0o777), 'can be written by others'],
    ];
    for (const [harm, words] of harms) {
      await seal();
      expect(treeDamage(tree), words).to.equal(null);
      harm();
      expect(treeDamage(tree), words).to.contain(words);
    }
  });

  const replaceByLink = (path: string) => {
    cpSync(at(path), join(root, 'same'));
    rmSync(at(path));
    symlinkSync(join(root, 'same'), at(path));
  };
  const retarget = (path: string) => {
    rmSync(at(path));
    symlinkSync('deep/empty', at(path));
  };

  it('shows a flipped bit wherever it is, also with the times set back', async () => {
    const files = constantFrom('password', 'data/control');
    await assert(
      asyncProperty(files, nat(), nat(7), async (path, where, bit) => {
        await seal();
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, KERNEL_TICK_MS);
        const { atime, mtime } = statSync(at(path));
        const bytes = readFileSync(at(path));
        bytes[where % bytes.length]! ^= 1 << bit;
        writeFileSync(at(path), bytes);
        utimesSync(at(path), atime, mtime);
        expect(treeDamage(tree)).to.equal(`${path} was changed`);
      }),
      { numRuns: 25 },
    );
  });

  it('is whole as a copy too, which is read once', () => {
    const copy = join(root, 'copy');
    cpSync(tree, copy, { recursive: true, verbatimSymlinks: true });
    const before = readFileSync(join(copy, 'manifest.json'), 'utf8');
    expect(treeDamage(copy)).to.equal(null);
    const after = readFileSync(join(copy, 'manifest.json'), 'utf8');
    expect(after).not.to.equal(before);
    expect(treeDamage(copy)).to.equal(null);
    expect(readFileSync(join(copy, 'manifest.json'), 'utf8')).to.equal(after);
    lutimesSync(join(copy, 'data/link'), 1, 1);
    expect(treeDamage(copy), 'a link by where it leads').to.equal(null);
  });

  it('of somebody else is not trusted, unless it is one of those who were named', function () {
    requirePart(this, 'superuser', ownUid() === 0, 'only root can hand files over');
    chownSync(at('data/control'), NOBODY, NOBODY);
    expect(treeDamage(tree)).to.equal(`${at('data/control')} belongs to uid ${NOBODY}`);
    expect(treeDamage(tree, [NOBODY])).to.equal(null);
    takeOver(tree, ownIds());
    expect(treeDamage(tree)).to.equal(null);
    chownSync(at('manifest.json'), NOBODY, NOBODY);
    expect(treeDamage(tree)).to.equal(`${at('manifest.json')} belongs to uid ${NOBODY}`);
  });

  it('that others could write in is taken over', () => {
    chmodSync(at('data/control'), 0o664);
    takeOver(tree, ownIds());
    expect(statSync(at('data/control')).mode & 0o777).to.equal(0o644);
    expect(treeDamage(tree)).to.equal(null);
  });
});
