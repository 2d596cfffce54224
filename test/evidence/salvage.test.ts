// Rows of the dead primary's disk: given back whole, and what is none is named.
import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { NOT_SALVAGED, readSalvage, writeSalvage } from '../../src/evidence/salvage.ts';

const created = '2026-11-22T20:13:16.000Z';
const row = { writer: 3, sequence: 14, payload: 'abc', region: 'east', created };

describe('salvaged rows', () => {
  let folder = '';
  let file = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'drill-salvage-'));
    file = join(folder, 'salvage.ndjson');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('are given back as they were written', () => {
    const rows = [row, { ...row, sequence: 15 }];
    const before = readdirSync('/proc/self/fd').length;
    writeSalvage(file, rows);
    expect(readdirSync('/proc/self/fd')).to.have.lengthOf(before);
    expect(readSalvage(file)).to.deep.equal({ values: rows, problems: [] });
  });

  it('that could not be kept are noted as in every version: old journals have the words', () => {
    expect(NOT_SALVAGED).to.equal('the old rows are not salvaged');
  });

  it('are whole: each field has its kind', () => {
    const kinds = { writer: 'a number', sequence: 'a number' };
    const halves = Object.keys(row).map((name): [unknown, string] => {
      const kind = (kinds as Record<string, string>)[name] ?? 'a text';
      return [{ ...row, [name]: undefined }, `${name}: expected ${kind}, found nothing`];
    });
    const lines: [unknown, string][] = [
      ...halves,
      [null, 'expected a mapping, found nothing'],
      [{ ...row, writer: '3' }, 'writer: expected a number, found "3"'],
      [{ ...row, payload: 3 }, 'payload: expected a text, found the number 3'],
      [{ ...row, more: 3 }, 'expected no key "more"'],
    ];
    for (const [line, problem] of lines) {
      writeFileSync(file, `${JSON.stringify(line)}\n`);
      appendFileSync(file, `${JSON.stringify(row)}\n`);
      const { values, problems } = readSalvage(file);
      expect(values).to.deep.equal([row]);
      expect(problems).to.deep.equal([`line 1 is not a row: ${problem}`]);
    }
  });
});
