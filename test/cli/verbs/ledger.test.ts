// `drill ledger`: the export from which anyone can count the loss again.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ledgerVerb } from '../../../src/cli/verbs/ledger.ts';
import { runFile } from '../../../src/evidence/run-files.ts';
import { EvidenceError } from '../../../src/evidence/evidence-error.ts';
import { UserError } from '../../../src/screen/user-error.ts';
import { writeRun } from '../../support/evidence/run-directory.ts';
import { acknowledged, drive, goneFor, rowOf } from '../../support/evidence/synthetic.ts';
import { call, makeFolder, removeFolder } from '../../support/cli/drill-verbs.ts';

const HEADING =
  'store,kind,writer,sequence,scheduled_ms,sent_ms,done_ms,outcome,region,class,sent_at';

describe('drill ledger', () => {
  const ops = drive(goneFor(600, () => ({ outcome: 'unsent', after_ms: 0 })));
  const kept = acknowledged(ops).slice(2);
  let folder: string;
  beforeEach(() => {
    folder = makeFolder();
    writeRun(folder, { ops, serving: kept.map(rowOf) });
  });
  afterEach(() => removeFolder(folder));

  const ledger = async (args: object) => {
    const { code, stdout } = await call(
      ledgerVerb,
      { run: folder, format: 'csv', ...args },
      folder,
    );
    expect(code).to.equal(0);
    return stdout;
  };

  it('has one line for each operation under the heading', async () => {
    const lines = (await ledger({})).trimEnd().split('\n');
    expect(lines[0]).to.equal(HEADING);
    expect(lines).to.have.lengthOf(ops.length + 1);
    expect(lines[1]).to.equal(
      'postgres,write,1,1,0,0,2,acknowledged,east,lost,2026-11-22T20:00:00.000Z',
    );
    expect(lines.find((line) => line.includes('unsent'))).to.match(/,,,unsent,,unsent,$/);
  });

  it('gives the same as NDJSON, with null for what is not known', async () => {
    const lines = (await ledger({ format: 'ndjson' })).trimEnd().split('\n');
    const rows = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(rows).to.have.lengthOf(ops.length);
    expect(Object.keys(rows[0]!).join()).to.equal(HEADING);
    expect(rows.find(({ outcome }) => outcome === 'unsent')).to.include({
      sent_ms: null,
      region: null,
    });
  });

  it('can be narrowed to a class', async () => {
    const lines = (await ledger({ only: 'lost' })).trimEnd().split('\n').slice(1);
    const ids = lines.map((line) => line.split(',').slice(2, 4).join('-'));
    const lost = acknowledged(ops)
      .slice(0, 2)
      .map(({ writer, sequence }) => `${writer}-${sequence}`);
    expect(ids).to.deep.equal(lost);
  });

  it('can be written to a file', async () => {
    expect(await ledger({ to: 'all.csv' })).to.equal('');
    expect(readFileSync(join(folder, 'all.csv'), 'utf8')).to.equal(await ledger({}));
  });

  it('is an error of the environment where the file cannot be written, with no rest of it', async () => {
    for (const to of ['/dev/full', 'no/such/folder.csv']) {
      const failure = await ledger({ to }).catch((error: unknown) => error);
      expect(failure).to.be.instanceOf(UserError).with.property('exitCode', 4);
    }
    rmSync(runFile(folder, 'survivors'));
    await ledger({ to: 'lost.csv', only: 'lost' }).catch(() => {});
    expect(existsSync(join(folder, 'lost.csv'))).to.equal(false);
  });

  it('has no classes without survivors, and says so when asked for one', async () => {
    rmSync(runFile(folder, 'survivors'));
    expect((await ledger({})).split('\n')[1]).to.match(
      /,acknowledged,east,,2026-11-22T20:00:00.000Z$/,
    );
    const failure = await call(
      ledgerVerb,
      { run: folder, format: 'csv', only: 'lost' },
      folder,
    ).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(UserError);
    expect((failure as UserError).message).to.contain('not known');
  });

  it('says that a system has no second store where it is asked for', async () => {
    const options = { run: folder, format: 'csv', store: 'redis' };
    const failure = await call(ledgerVerb, options, folder).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(EvidenceError); // which ends a verb as inconclusive
    expect((failure as Error).message).to.match(/the system of .* has no redis/);
    const one = await ledger({ store: 'postgres' });
    expect(one).to.equal(await ledger({}));
  });

  it('exports what is left of a damaged ledger, and is no success', async () => {
    const file = runFile(folder, 'ledger');
    const bytes = readFileSync(file);
    const flipped = Buffer.from(bytes);
    flipped[bytes.length - 100]! ^= 1;
    for (const damaged of [bytes.subarray(0, bytes.length - 1_000), flipped]) {
      writeFileSync(file, damaged);
      const args = { run: folder, format: 'csv' };
      const { code, stdout, stderr } = await call(ledgerVerb, args, folder);
      expect(code).to.equal(3);
      expect(stdout).to.contain(HEADING);
      expect(stderr).to.match(
        /^drill: ledger.bin is damaged: .*; what is exported is not all of it$/m,
      );
    }
  });

  it('says that there is no ledger where there is none', async () => {
    rmSync(runFile(folder, 'ledger'));
    const failure = await call(ledgerVerb, { run: folder, format: 'csv' }, folder).catch(
      (error: unknown) => error,
    );
    expect((failure as UserError).message).to.contain('ledger.bin');
  });
});
