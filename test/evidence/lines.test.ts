// Journal and undo log: what was appended is read back, and what is damaged is named.
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createJournal, readJournal } from '../../src/evidence/journal.ts';
import { EvidenceError } from '../../src/evidence/evidence-error.ts';
import { createUndoLog, readUndoLog } from '../../src/evidence/undo.ts';
import { journal } from '../support/evidence/synthetic.ts';

describe('the journal and the undo log', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'drill-test-'));
    file = join(folder, 'lines.ndjson');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('give back what was appended', () => {
    const writer = createJournal(file);
    for (const event of journal()) writer.append(event);
    expect(readJournal(file)).to.deep.equal({ events: journal(), problems: [] });
    writer.close();
    const undo = { undo: 'directory', path: '/somewhere' } as const;
    const other = join(folder, 'undo.ndjson');
    const log = createUndoLog(other);
    log.append(undo);
    expect(readUndoLog(other)).to.deep.equal({ owner: null, entries: [undo], problems: [] });
    log.close();
  });

  it('are appended to when they exist already', () => {
    for (const event of journal().slice(0, 2)) {
      const writer = createJournal(file);
      writer.append(event);
      writer.close();
    }
    expect(readJournal(file).events).to.have.lengthOf(2);
  });

  it('name lines that are no events, and keep the rest', () => {
    writeFileSync(
      file,
      '{"t":1,"event":"steady.started"}\nrubbish\n{"t":"x"}\nnull\n{"t":1}\n{"event":"x"}\n',
    );
    const { events, problems } = readJournal(file);
    expect(events).to.have.lengthOf(1);
    expect(problems).to.deep.equal([2, 3, 4, 5, 6].map((line) => `line ${line} is not an event`));
  });

  it('name a torn last line', () => {
    writeFileSync(file, '{"t":1,"event":"steady.started"}\n');
    appendFileSync(file, '{"t":2,"ev');
    expect(readJournal(file).problems).to.deep.equal(['the last line is torn']);
  });

  it('name five problems, and of more the first four', () => {
    const bad = (count: number) => {
      writeFileSync(file, 'rubbish\n'.repeat(count));
      return readJournal(file).problems;
    };
    expect(bad(5)).to.deep.equal([1, 2, 3, 4, 5].map((line) => `line ${line} is not an event`));
    const four = [1, 2, 3, 4].map((line) => `line ${line} is not an event`);
    expect(bad(6)).to.deep.equal([...four, 'and 2 more problems']);
  });

  it('name a line that is an event, and not as it was written', () => {
    const writer = createJournal(file);
    for (const event of journal().slice(0, 2)) writer.append(event);
    writer.close();
    writeFileSync(file, readFileSync(file, 'utf8').replace('"t":0', '"t":1'));
    const { events, problems } = readJournal(file);
    expect(events).to.have.lengthOf(2);
    expect(problems).to.deep.equal(['line 1 is not as it was written']);
  });

  it('are for nobody else’s eyes', () => {
    createJournal(file).close();
    expect(statSync(file).mode & 0o777).to.equal(0o600);
  });

  it('cannot be read where there is none', () => {
    expect(() => readJournal(file)).to.throw(EvidenceError, 'cannot be read');
  });
});
