import { expect } from 'chai';
import { setImmediate } from 'node:timers/promises';
import { forOutput, makePaint } from '../../src/screen/paint.ts';
import { decideColour, hasOnlyAscii, processScreen } from '../../src/screen/process-screen.ts';
import type { LiveArea } from '../../src/screen/screen.ts';

const terminal = { isTTY: true };
const pipe = { isTTY: false };

/** A stream that remembers, as `process.stderr` would be. */
function stream(isTTY: boolean, columns?: number) {
  const written: string[] = [];
  return {
    isTTY,
    columns,
    rows: isTTY ? 24 : undefined,
    written,
    write: (t: string) => written.push(t),
  };
}

describe('process screen', () => {
  it('colours terminals and leaves pipes alone', () => {
    expect(decideColour(terminal, {}, 'auto')).to.equal(true);
    expect(decideColour(pipe, {}, 'auto')).to.equal(false);
  });

  it('has no colour with NO_COLOR or TERM=dumb, but an empty NO_COLOR says nothing', () => {
    expect(decideColour(terminal, { NO_COLOR: '1' }, 'auto')).to.equal(false);
    expect(decideColour(terminal, { NO_COLOR: '' }, 'auto')).to.equal(true);
    expect(decideColour(terminal, { TERM: 'dumb' }, 'auto')).to.equal(false);
  });

  it('lets FORCE_COLOR colour a pipe and FORCE_COLOR=0 silence a terminal', () => {
    expect(decideColour(pipe, { FORCE_COLOR: '1', NO_COLOR: '1' }, 'auto')).to.equal(true);
    expect(decideColour(terminal, { FORCE_COLOR: '0' }, 'auto')).to.equal(false);
  });

  it('lets the flag win over the environment', () => {
    expect(decideColour(pipe, { NO_COLOR: '1' }, 'always')).to.equal(true);
    expect(decideColour(terminal, { FORCE_COLOR: '1' }, 'never')).to.equal(false);
  });

  it('takes the width from the terminal, else from COLUMNS, else 80', () => {
    const width = (columns: number | undefined, env: Record<string, string>) =>
      processScreen(
        { stdout: stream(true, columns), stderr: stream(true), env },
        'auto',
      ).stdout.columns();
    expect(width(132, { COLUMNS: '50' })).to.equal(132);
    expect(width(undefined, { COLUMNS: '50' })).to.equal(50);
    expect(width(undefined, { COLUMNS: 'wide' })).to.equal(80);
  });

  it("lets through drill's own colours and no other code, above and in a live area", async () => {
    const stderr = stream(true, 80);
    const screen = processScreen({ stdout: stream(true), stderr, env: {} }, 'auto').stderr;
    const paint = makePaint(screen.hasColour);
    const text = paint('good', 'fine \u001b[31mred\u001b[2J\u202e');
    expect(forOutput(text)).to.equal('\u001b[32mfine \\u001b[31mred\\u001b[2J\\u202e\u001b[39m');
    screen.write(`${text}\n`);
    expect(stderr.written.join('')).to.equal(`${forOutput(text)}\n`);
    const area = screen.openArea!();
    area.draw(text);
    for (let turns = 0; turns < 200 && !stderr.written.join('').includes('\u001b[2J'); turns++) {
      await setImmediate();
      if (stderr.written.join('').split('fine').length > 2) break;
    }
    area.close();
    expect(stderr.written.join('')).not.to.include('\u001b[31m');
    expect(stderr.written.join('')).not.to.include('\u202e');
  });

  it('offers a live area only where the cursor can be moved', () => {
    const openArea = (isTTY: boolean, env: Record<string, string>) =>
      processScreen({ stdout: stream(isTTY), stderr: stream(isTTY), env }, 'auto').stderr.openArea;
    expect(openArea(true, {})).to.be.a('function');
    expect(openArea(true, { TERM: 'dumb' })).to.equal(undefined);
    expect(openArea(false, {})).to.equal(undefined);
  });

  /** What draws is loaded when the first area is opened. */
  async function opened(area: LiveArea): Promise<LiveArea> {
    await import('log-update');
    await setImmediate();
    return area;
  }

  it('gives the cursor back once when a live area is closed twice', async () => {
    const stderr = stream(true, 80);
    const screen = processScreen({ stdout: stream(true), stderr, env: {} }, 'auto');
    const area = await opened(screen.stderr.openArea!());
    area.draw('frame');
    area.close();
    area.close();
    const text = stderr.written.join('');
    expect(text.split('\u001b[?25l')).to.have.length(2);
    expect(text.split('\u001b[?25h')).to.have.length(2);
    expect(text.lastIndexOf('\u001b[?25h')).to.be.greaterThan(text.lastIndexOf('frame'));
  });

  it('draws the newest frame as soon as it can, and nothing once it is closed', async () => {
    const stderr = stream(true, 80);
    const screen = processScreen({ stdout: stream(true), stderr, env: {} }, 'auto');
    const area = screen.stderr.openArea!();
    for (const text of ['early', 'newest']) area.draw(text);
    await opened(area);
    expect(stderr.written.join('')).to.include('newest').and.not.include('early');
    area.close();
    const closed = screen.stderr.openArea!();
    closed.draw('never');
    closed.close();
    await opened(closed);
    expect(stderr.written.join('')).not.to.include('never');
  });

  it('draws no frame while the terminal takes nothing', async () => {
    const stderr = { ...stream(true, 80), writableNeedDrain: true };
    const area = await opened(
      processScreen({ stdout: stream(true), stderr, env: {} }, 'auto').stderr.openArea!(),
    );
    const before = stderr.written.length;
    area.draw('unseen');
    expect(stderr.written).to.have.length(before);
    stderr.writableNeedDrain = false;
    area.draw('seen');
    expect(stderr.written.slice(before).join('')).to.include('seen');
    area.close();
  });

  it('writes above an open live area and draws the frame again below', async () => {
    const stderr = stream(true, 80);
    const screen = processScreen({ stdout: stream(true), stderr, env: {} }, 'auto');
    const area = await opened(screen.stderr.openArea!());
    area.draw('frame');
    screen.stderr.write('a note\n');
    area.close();
    const text = stderr.written.join('');
    const note = text.indexOf('a note\n');
    expect(note).to.be.greaterThan(text.indexOf('frame'));
    expect(text.lastIndexOf('frame')).to.be.greaterThan(note);
  });

  it('draws bars only where terminal and locale can show them', () => {
    expect(hasOnlyAscii({})).to.equal(false);
    expect(hasOnlyAscii({ LANG: 'en_US.UTF-8' })).to.equal(false);
    expect(hasOnlyAscii({ LANG: 'en_US.UTF-8', LC_ALL: 'C' })).to.equal(true);
    expect(hasOnlyAscii({ LANG: 'de_DE.ISO-8859-1' })).to.equal(true);
    expect(hasOnlyAscii({ TERM: 'dumb' })).to.equal(true);
  });
});
