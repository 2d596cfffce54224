// `drill salvage`: the rows that only the lost region's disk held.
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { salvageVerb } from '../../src/cli/salvage.ts';
import { runFile } from '../../src/evidence/run-files.ts';
import { type SalvagedRow, writeSalvage } from '../../src/evidence/salvage.ts';
import { UserError } from '../../src/screen/user-error.ts';
import { storeResult, writeRun } from '../measure/run-directory.ts';
import { acknowledged, drive, goneFor, rowOf } from '../measure/synthetic.ts';
import { call, makeFolder, removeFolder } from './drill-verbs.ts';

const CREATED = '2026-11-22T20:13:19.123456Z';
const rowAt = (sequence: number, payload = `p-${sequence}`): SalvagedRow => ({
  ...{ writer: 3, sequence, payload },
  ...{ region: 'east', created: CREATED },
});

describe('drill salvage', () => {
  const id = '20261122T201317Z-region-outage-3fa2';
  let folder: string;
  let run: string;
  beforeEach(() => {
    folder = makeFolder();
    run = join(folder, '.drill', 'runs', id);
    mkdirSync(run, { recursive: true });
    const ops = drive(goneFor(600, () => ({ outcome: 'unsent', after_ms: 0 })));
    writeRun(run, { ops, serving: acknowledged(ops).map(rowOf) });
    storeResult(run);
  });
  afterEach(() => removeFolder(folder));

  const salvage = (args: object = {}) => call(salvageVerb, { run: 'latest', ...args }, folder);
  const failed = async (args: object = {}): Promise<UserError> => {
    const failure = await salvage(args).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(UserError);
    return failure as UserError;
  };

  it('lists each row with its id, its region and its time', async () => {
    writeSalvage(runFile(run, 'salvage'), [rowAt(7), rowAt(12)]);
    const { code, stdout, stderr } = await salvage();
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    const [heading, ...lines] = stdout.trimEnd().split('\n');
    expect(heading).to.equal('2 rows only on the lost region’s disk:');
    expect(lines).to.have.lengthOf(2);
    expect(lines[0]).to.match(new RegExp(`^ {2}3-7 +east +${CREATED} +p-7$`));
    expect(lines[1]).to.match(new RegExp(`^ {2}3-12 +east +${CREATED} +p-12$`));
  });

  it('counts one row as one', async () => {
    writeSalvage(runFile(run, 'salvage'), [rowAt(7)]);
    expect((await salvage()).stdout).to.match(/^1 row only on the lost/);
  });

  it('cuts what is long and shows no control characters', async () => {
    writeSalvage(runFile(run, 'salvage'), [rowAt(7, `\u001b[31m\n${'x'.repeat(500)}`)]);
    const { stdout } = await salvage();
    const lines = stdout.trimEnd().split('\n');
    expect(lines).to.have.lengthOf(2);
    expect(lines[1]).to.match(/x…$/);
    expect(lines.join('')).not.to.match(/\p{Cc}/u);
  });

  it('gives whole rows with --json, one object a line, as they were written', async () => {
    const rows = [rowAt(7), rowAt(12, `{"a": "\n${'x'.repeat(500)}"}`)];
    writeSalvage(runFile(run, 'salvage'), rows);
    const { code, stdout } = await salvage({ json: true });
    expect(code).to.equal(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as SalvagedRow)).to.deep.equal(rows);
  });

  it('finds the run by its id, the beginning of one, the name of its drill, and its path', async () => {
    writeSalvage(runFile(run, 'salvage'), [rowAt(7)]);
    for (const wanted of [id, id.slice(0, 12), 'region-outage', run]) {
      expect((await salvage({ run: wanted })).stdout, wanted).to.contain('3-7');
    }
  });

  it('says that nothing was found where nothing was, and prints no JSON then', async () => {
    for (const write of [() => {}, () => writeSalvage(runFile(run, 'salvage'), [])]) {
      write();
      expect(await salvage()).to.deep.equal({
        ...{ code: 0, stderr: '' },
        stdout: 'Nothing was found on the lost region’s disk alone.\n',
      });
      expect(await salvage({ json: true })).to.include({ code: 0, stdout: '' });
    }
  });

  it('is inconclusive where the file is torn or holds what is no row, and lists none', async () => {
    const file = runFile(run, 'salvage');
    writeSalvage(file, [rowAt(7)]);
    appendFileSync(file, JSON.stringify(rowAt(8)).slice(0, 20));
    const torn = await failed();
    expect(torn.exitCode).to.equal(3);
    expect(torn.message).to.equal(`${file} is damaged: the last line is torn`);

    const strangers = ['no JSON', '{"writer":3,"sequence":7}', JSON.stringify([1]), 'null'];
    for (const stranger of strangers) {
      writeFileSync(file, `${JSON.stringify(rowAt(7))}\n${stranger}\n`);
      for (const json of [false, true]) {
        const { message, exitCode } = await failed({ json });
        expect(exitCode).to.equal(3);
        expect(message).to.equal(`${file} is damaged: line 2 is not a row`);
      }
    }
  });

  it('takes a row without its region or its time for damaged, whole as it must be', async () => {
    const file = runFile(run, 'salvage');
    const { region, created, ...rest } = rowAt(7);
    for (const part of [rest, { ...rest, region }, { ...rest, created }]) {
      writeFileSync(file, `${JSON.stringify(part)}\n`);
      expect((await failed()).message).to.contain('line 1 is not a row');
    }
  });

  it('is inconclusive where the file cannot be read', async () => {
    mkdirSync(runFile(run, 'salvage'));
    const { message, exitCode } = await failed();
    expect(exitCode).to.equal(3);
    expect(message).to.match(/salvage\.ndjson cannot be read: EISDIR/);
  });

  it('says that there is no such run, and none at all', async () => {
    expect((await failed({ run: 'region-outge' })).message).to.match(
      /^there is no run "region-outge" in .* \(did you mean "region-outage"\?\)$/,
    );
    rmSync(join(folder, '.drill'), { recursive: true });
    expect(await failed()).to.include({ exitCode: 2 });
  });
});
