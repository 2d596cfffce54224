// The rows of the databases' own: alike wherever they are made, as wide as they are said to be.
import { expect } from 'chai';
import { rowsFor, rowText } from '../../../src/postgres/server/fill.ts';

const ROWS = 10_000;

describe('rows that fill a database', () => {
  const texts = (rows = ROWS) => Array.from({ length: rows }, (_, id) => rowText(id, rows));

  it('are the same each time, and no two are alike', () => {
    expect(texts()).to.deep.equal(texts());
    expect(new Set(texts().map((text) => text.split('\t')[4])).size).to.be.greaterThan(ROWS - 20);
  });

  it('are lines of COPY: five columns, nothing that would have to be escaped', () => {
    for (const text of texts(2_000)) {
      expect(text).to.match(/^\d+\t\d+\t20\d\d-[\dT:.-]+Z\t\d+\t[\w .,]{200,600}\n$/);
    }
  });

  it('have notes of some 400 letters, and some eight of them a customer', () => {
    const columns = texts().map((text) => text.trimEnd().split('\t'));
    const letters = columns.reduce((sum, [, , , , note]) => sum + note!.length, 0);
    expect(letters / ROWS).to.be.within(395, 405);
    const customers = new Set(columns.map(([, customer]) => customer)).size;
    expect(ROWS / customers).to.be.within(7, 9);
  });

  it('are as many as the size asks for beyond what is there', () => {
    expect(rowsFor(100e6, 100e6)).to.equal(1);
    const [one, two] = [rowsFor(1e9, 8e6), rowsFor(2e9, 8e6)];
    expect(two - one).to.be.within(1.9e6, 2e6);
  });
});
