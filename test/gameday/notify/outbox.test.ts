import { expect } from 'chai';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runsDirectory } from '../../../src/archive/run-directory.ts';
import { howItEnded } from '../../../src/gameday/day/happening.ts';
import { messageOf } from '../../../src/gameday/notify/message.ts';
import type { Entry } from '../../../src/gameday/notify/outbox-form.ts';
import { Outbox } from '../../../src/gameday/notify/outbox.ts';
import { failedDay } from '../../support/gameday.ts';

const DAY_MS = 86_400_000;

describe('the outbox', () => {
  let directory = '';
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'drill-outbox-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  const folder = () => join(directory, '.drill', 'gamedays', 'outbox');
  const entryOf = (at: number, state: Entry['state'], since_ms = at): Entry => ({
    ...{ schema: 'drill.outbox/1', receiver: 'webhook x', state, tries: 0, next_ms: 0, last: null },
    since_ms,
    message: { ...messageOf(howItEnded(failedDay('/runs')), [], 0), id: `m-${at}` },
  });
  /** As if they had been added, in less time. */
  const plant = (from: number, to: number, state: Entry['state']) => {
    for (let at = from; at <= to; at++) {
      const text = `${JSON.stringify(entryOf(at, state))}\n`;
      writeFileSync(join(folder(), `m-${at}.x.json`), text);
    }
  };
  const idsIn = async (outbox: Outbox) => {
    return (await outbox.list()).map(({ entry }) => entry.message.id);
  };

  it('holds no more than the disk is to hold; the oldest that are over go first', async () => {
    const outbox = new Outbox(runsDirectory(directory));
    expect(await outbox.add(entryOf(0, 'given up'))).to.equal(null);
    plant(1, 99, 'sent');
    plant(100, 399, 'waiting');
    expect(await outbox.add(entryOf(400, 'waiting'))).to.equal(null);
    const ids = await idsIn(outbox);
    expect([ids.length, ids[0], ids.at(-1)]).to.deep.equal([361, 'm-40', 'm-400']);
  });

  it('takes none where all wait, and keeps it in memory; what waited for a week goes', async () => {
    const outbox = new Outbox(runsDirectory(directory));
    await outbox.add(entryOf(0, 'waiting'));
    plant(1, 399, 'waiting');
    expect(await outbox.add(entryOf(400, 'waiting'))).to.include('there is no room');
    expect((await idsIn(outbox)).at(-1)).to.equal('m-400');
    const isFile = (name: string) => name.endsWith('.json');
    expect(readdirSync(folder()).filter(isFile)).to.have.length(400);
    expect(await outbox.add(entryOf(401, 'waiting', 8 * DAY_MS))).to.equal(null);
    expect(readdirSync(folder()).filter(isFile)).to.have.length(361);
  });

  it('reads past what it did not write', async () => {
    const outbox = new Outbox(runsDirectory(directory));
    await outbox.add(entryOf(1, 'waiting'));
    writeFileSync(join(folder(), 'half.x.json'), '{"schema":"drill.outb');
    writeFileSync(join(folder(), 'other.x.json'), '{"schema":"drill.outbox/9"}');
    expect(await idsIn(outbox)).to.deep.equal(['m-1']);
  });
});
