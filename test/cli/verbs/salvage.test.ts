// `drill salvage`: the rows that only the lost region's disk held.
import { appendFileSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { salvageVerb } from '../../../src/cli/verbs/salvage.ts';
import { createJournal } from '../../../src/evidence/journal.ts';
import { runFile } from '../../../src/evidence/run-files.ts';
import { NOT_SALVAGED, writeSalvage, type SalvagedRow } from '../../../src/evidence/salvage.ts';
import { UserError } from '../../../src/screen/user-error.ts';
import { EvidenceError } from '../../../src/evidence/evidence-error.ts';
import { writeRun } from '../../support/evidence/run-directory.ts';
import { acknowledged, drive, goneFor, idOf, rowOf } from '../../support/evidence/synthetic.ts';
import { call, makeFolder, removeFolder } from '../../support/cli/drill-verbs.ts';

const LOST = '1-1';
const UNANSWERED = '1-2';
const ROWS: readonly SalvagedRow[] = [
  {
    ...{ writer: 1, sequence: 7, payload: 'x'.repeat(80), region: 'east' },
    created: '2026-11-22T20:13:17.204Z',
  },
  {
    ...{ writer: 12, sequence: 90_071, payload: 'a\u001b[31mb\nc', region: 'east' },
    created: '2026-11-22T20:13:17.3Z',
  },
];

describe('drill salvage', () => {
  let folder: string;
  beforeEach(() => {
    folder = makeFolder();
    // The oldest write of writer 1 is lost, and its second one had no answer.
    const ops = drive(goneFor(600, () => ({ outcome: 'unsent', after_ms: 0 }))).map((op) =>
      idOf(op) === UNANSWERED ? { ...op, outcome: 'unknown' as const } : op,
    );
    const kept = acknowledged(ops).filter((op) => idOf(op) !== LOST);
    writeRun(folder, { ops, serving: kept.map(rowOf) });
  });
  afterEach(() => removeFolder(folder));

  /** What the run says of the dead disk, and the rows that it kept of it. */
  function diskRead(rows: readonly SalvagedRow[], ok = true, detail = ''): void {
    const journal = createJournal(runFile(folder, 'journal'));
    const node = 'east/postgres';
    journal.append({
      ...{ t: 9_000, event: 'survivors.read', store: 'orders', reading: 'old-primary', node },
      ...{ rows: 500, timeline: 1, snapshot: '', ok, detail },
    });
    if (rows.length > 0) {
      writeSalvage(runFile(folder, 'salvage'), rows);
      journal.append({ t: 9_001, event: 'rows.salvaged', rows: rows.length });
    }
    journal.close();
  }

  const salvage = (args: object = {}) => call(salvageVerb, { run: folder, ...args }, folder);
  const failed = async (args: object = {}) => {
    const failure = await salvage(args).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(EvidenceError); // which ends a verb as inconclusive
    return failure as EvidenceError;
  };

  it('lists the rows with their ids, where and when they were taken', async () => {
    diskRead(ROWS);
    const { code, stdout, stderr } = await salvage();
    expect(code).to.equal(0);
    expect(stderr).to.equal('');
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).to.equal('2 rows only on the lost region’s disk:');
    expect(lines).to.have.lengthOf(3);
    expect(lines[1]).to.match(/^ {2}1-7 +kept +east +2026-11-22T20:13:17\.204Z +x+…$/);
    expect(lines[2]).to.match(/^ {2}12-90071 +of no known class +east/);
    expect(Math.max(...lines.map((line) => line.length))).to.be.at.most(80);
  });

  it('tells lost rows from those that nobody was promised, in the table and as JSON', async () => {
    const [first] = ROWS;
    diskRead([1, 2, 90_000].map((sequence) => ({ ...first!, writer: 1, sequence })));
    const [, ...lines] = (await salvage()).stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.trim().replace(/ +east.*/, ''))).to.deep.equal([
      '1-1      lost',
      '1-2      unknown, never promised',
      '1-90000  of no known class',
    ]);
    const json = (await salvage({ json: true })).stdout.trimEnd().split('\n');
    const classes = json.map((line) => (JSON.parse(line) as { class: string | null }).class);
    expect(classes).to.deep.equal(['lost', 'vanished', null]);
  });

  it('shows no control characters of a payload', async () => {
    diskRead(ROWS);
    const { stdout } = await salvage();
    expect(stdout.replaceAll('\n', '')).not.to.match(/\p{Cc}/u);
  });

  it('gives whole rows as JSON, one a line', async () => {
    diskRead(ROWS);
    const { code, stdout } = await salvage({ json: true });
    expect(code).to.equal(0);
    const rows = stdout.trimEnd().split('\n');
    const classed = ROWS.map((row, at) => ({ ...row, class: at === 0 ? 'kept' : null }));
    expect(rows.map((line) => JSON.parse(line) as SalvagedRow)).to.deep.equal(classed);
  });

  it('says that there is nothing where nothing was found, and as JSON gives no line', async () => {
    diskRead([]);
    expect(await salvage()).to.include({
      code: 0,
      stdout: 'Nothing was found on the lost region’s disk alone.\n',
    });
    expect(await salvage({ json: true })).to.include({ code: 0, stdout: '' });
  });

  for (const [what, damage] of [
    ['a line that is no JSON', '{"writer": 1, "seq'],
    ['a row without its payload', '{"writer":1,"sequence":8,"region":"east","created":""}\n'],
    ['a line that is no row', 'null\n'],
  ] as const) {
    it(`lists nothing of a file with ${what}, and says so`, async () => {
      const file = runFile(folder, 'salvage');
      diskRead(ROWS);
      appendFileSync(file, damage);
      for (const json of [false, true]) {
        const failure = await failed({ json });
        expect(failure.message).to.contain(`${file} is damaged`);
      }
    });
  }

  it('lists nothing where rows are missing that were kept', async () => {
    diskRead(ROWS);
    for (const rows of [ROWS.slice(0, 1), []]) {
      writeFileSync(
        runFile(folder, 'salvage'),
        rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
      );
      const failure = await failed();
      expect(failure.message).to.contain(`2 rows of it were kept, it has ${rows.length}`);
    }
  });

  it('does not say of a disk that nobody read that it had nothing', async () => {
    expect((await failed()).message).to.contain('the lost region’s disk was not read');
    diskRead([], false, 'the disks of region east were destroyed');
    for (const json of [false, true]) {
      const failure = await failed({ json });
      expect(failure.message).to.contain('the disks of region east were destroyed');
    }
  });

  it('does not say so where the rows could not be kept', async () => {
    diskRead([]);
    const journal = createJournal(runFile(folder, 'journal'));
    const text = `${NOT_SALVAGED}: no space left on device`;
    journal.append({ t: 9_001, event: 'run.noted', text });
    journal.close();
    expect((await failed()).message).to.contain('no space left on device');
  });

  it('goes by what a note is about, whatever its words are', async () => {
    diskRead([]);
    const journal = createJournal(runFile(folder, 'journal'));
    journal.append({ t: 9_001, event: 'run.noted', text: 'the disk is full', about: 'salvage' });
    journal.close();
    expect((await failed()).message).to.contain('the disk is full');
  });

  it('finds no run where there is none', async () => {
    const failure = await salvage({ run: 'no-such-run' }).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(UserError).with.property('exitCode', 2);
    expect((failure as UserError).message).to.match(/no run/);
  });
});
