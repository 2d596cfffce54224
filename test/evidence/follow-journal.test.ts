// A journal is read as it grows, whatever piece of a line was written by then.
import { expect } from 'chai';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createJournal } from '../../src/evidence/journal.ts';
import { followJournal } from '../../src/evidence/follow-journal.ts';
import type { RunEvent } from '../../src/evidence/event.ts';

const EVENTS: RunEvent[] = [
  { t: 1, event: 'run.noted', text: 'one — zwölf' },
  { t: 2, event: 'run.interrupted', by: 'ada' },
  { t: 3, event: 'run.noted', text: 'x'.repeat(200_000) },
  { t: 4, event: 'run.finished', wall_ms: 4 },
];

describe('a journal that is followed', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'drill-follow-'));
    file = join(folder, 'journal.ndjson');
    const journal = createJournal(file);
    for (const event of EVENTS) journal.append(event);
    journal.close();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('has every event once, in whatever pieces it is written', () => {
    const bytes = readFileSync(file);
    for (const piece of [7, 1_000, 65_536, bytes.length]) {
      writeFileSync(file, '');
      const follower = followJournal(file);
      const seen: RunEvent[] = [];
      for (let at = 0; at < bytes.length; at += piece) {
        appendFileSync(file, bytes.subarray(at, at + piece));
        if (piece > 7 || at % 70_000 < 7) seen.push(...follower.look());
      }
      seen.push(...follower.look());
      expect(follower.look()).to.deep.equal([]);
      follower.close();
      expect(seen).to.deep.equal(EVENTS);
    }
  });

  it('leaves out what is no event', () => {
    appendFileSync(file, '{"t":5,"event":"of.tomorrow"}\n{"t":\n\n');
    const follower = followJournal(file);
    expect(follower.look()).to.deep.equal(EVENTS);
    follower.close();
  });

  it('says of which file it is that it cannot be read', () => {
    expect(() => followJournal(join(folder, 'none'))).to.throw(join(folder, 'none'));
  });
});
