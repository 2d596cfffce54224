// A run that is carried to another machine is there as it was made, or not at all.
import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { endOfTar, headerOf, paddingOf } from '../../../src/evidence/pack/tar.ts';
import { EnvironmentError } from '../../../src/host/environment-error.ts';
import { judgeRun } from '../../../src/session/judge.ts';
import { packRun, unpackRun } from '../../../src/session/queue/carry.ts';
import { change, ID, LOST, OTHER } from '../../support/evidence/packs.ts';
import { sealedRun } from '../../support/evidence/sealed-run.ts';

const fits = () => null;

describe('a run that is carried', () => {
  let root = '';
  let here = '';
  let there = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'drill-carry-'));
    [here, there] = [join(root, 'here'), join(root, 'there')];
    sealedRun(here, { id: ID, lost: LOST });
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const own = () => join(here, ID);

  it('is whole where it arrives, and can be judged there', () => {
    expect(unpackRun(there, ID, packRun(own())!, fits)).to.deep.equal({ problem: null });
    expect(judgeRun(join(there, ID)).stored.state).to.equal('agrees');
    expect(readlinkSync(join(there, 'latest'))).to.equal(ID);
    expect(unpackRun(there, ID, packRun(own())!, fits), 'again').to.deep.equal({ problem: null });
    expect(readdirSync(there).toSorted()).to.deep.equal([ID, 'latest']);
  });

  it('takes the place of no other', () => {
    sealedRun(there, { id: ID });
    expect(unpackRun(there, ID, packRun(own())!, fits).problem).to.equal(
      `another run ${ID} is in ${there}`,
    );
    expect(judgeRun(join(there, ID)).result.loss!.lost).to.equal(0);
  });

  function refused(files: Buffer, run = ID): string {
    const { problem } = unpackRun(there, run, files, fits);
    expect(existsSync(join(there, ID))).to.equal(false);
    const left = existsSync(there) ? readdirSync(there) : [];
    expect(left).to.deep.equal([]);
    return problem!;
  }

  it('is not taken where it was changed, or is another one', () => {
    change(join(own(), 'result.json'), '"lost": 3', '"lost": 0');
    expect(refused(packRun(own())!)).to.include('not the one that its journal names');
    sealedRun(here, { id: OTHER });
    expect(refused(packRun(join(here, OTHER))!)).to.equal('it has no result of its own');
    rmSync(join(here, OTHER, 'ledger.bin'));
    expect(refused(packRun(join(here, OTHER))!, OTHER)).to.match(/ledger\.bin/);
  });

  it('is not taken where it is none', () => {
    const tarOf = (...paths: string[]) => {
      const files = paths.flatMap((path) => {
        return [headerOf({ path, size: 1, time_s: 0 }), Buffer.from('x'), paddingOf(1)];
      });
      return gzipSync(Buffer.concat([...files, endOfTar()]));
    };
    expect(refused(Buffer.from('nothing compressed'))).to.include('header');
    expect(refused(gzipSync('no tar file'))).to.include('cut off');
    expect(refused(tarOf('../outside'))).to.include('is no name');
    expect(refused(tarOf('a/b/c', 'a/b'))).to.equal('a/b is a file and a folder');
    expect(existsSync(join(root, 'outside'))).to.equal(false);
    expect(refused(packRun(own())!, '../outside')).to.include('is no id of a run');
  });

  it('is not taken where it is not what was asked for', () => {
    const misfit = ({ name }: { name: string }) => `it is a run of ${name}`;
    const { problem } = unpackRun(there, ID, packRun(own())!, misfit);
    expect(problem).to.equal('it is a run of synthetic');
    expect(readdirSync(there)).to.deep.equal([]);
  });

  it('is not damaged where this machine cannot keep it', () => {
    writeFileSync(there, 'a file where the runs should be');
    const unpacked = () => unpackRun(there, ID, packRun(own())!, fits);
    expect(unpacked).to.throw(EnvironmentError, /room for a run/);
  });

  it('is not sent without its evidence where that is too large', () => {
    writeFileSync(join(own(), 'ledger.bin'), randomBytes(2 ** 20));
    expect(packRun(own(), 2 ** 20)).to.equal(null);
  });
});
