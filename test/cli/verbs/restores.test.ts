// The verbs that look at runs, on restore drills: listed, shown, judged again and cleaned up; and
// those that need what a restore has not say so.
import { expect } from 'chai';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseRestore } from '../../../src/drill/restore/parse.ts';
import type { RestoreFacts } from '../../../src/evidence/backup/restore-form.ts';
import { judgeRestore } from '../../../src/verdict/restore.ts';
import { recordingScreen } from '../../support/cli/recording-screen.ts';
import { runCli } from '../../support/cli/run-cli.ts';

const ID = '20261130T120000Z-last-night-00aa';
const KILLED = '20261130T120100Z-last-night-00bb';
const GONE = { pid: 2 ** 22 + 1, started: '1' };
const FILE = `restore: 1
name: last-night
backup: { kind: pg_dump, path: /backups/app.dump }
targets: { rpo: 1h }
`;
const FACTS: RestoreFacts = {
  schema: 'drill.restore-facts/1',
  id: ID,
  at: '2026-11-30T12:00:00.000Z',
  drill_version: '0',
  backup: {
    format: 'custom',
    bytes: 1,
    major: '18',
    system: null,
    started_at: '2026-11-30T11:30:00.000Z',
    start_lsn: null,
    timeline: null,
    kind: 'pg_dump', // in another order than its form
  },
  server: { version: '18.4' },
  restored: {
    copy_ms: 1_000,
    verify_ms: 0,
    replay_ms: 0,
    timeline: null,
    replayed_to: null,
    log_end: null,
  },
  newest: { transaction_at: null, heartbeat_at: null },
  checks: [],
  findings: [],
};

describe('a restore drill, looked at afterwards', () => {
  let directory: string;
  const temporary = process.env['TMPDIR'];
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'drill-restores-'));
    process.env['TMPDIR'] = directory; // runs of everybody would be cleaned
  });
  afterEach(() => {
    if (temporary === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = temporary;
    rmSync(directory, { recursive: true });
  });

  const placeOf = (id: string) => join(directory, '.drill', 'runs', 'restores', id);
  const plant = () => {
    const place = placeOf(ID);
    mkdirSync(place, { recursive: true });
    const { restore } = parseRestore({ file: 'b.yaml', bytes: Buffer.from(FILE) });
    const files = {
      'restore.yaml': FILE,
      'facts.json': `${JSON.stringify(FACTS, null, 2)}\n`,
      'result.json': `${JSON.stringify(judgeRestore(restore!, FACTS), null, 2)}\n`,
      'undo.ndjson': `${JSON.stringify({ undo: 'owner', run: ID, owner: GONE })}\n{"undo":"done"}\n`,
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(place, name), text);
    return place;
  };
  const drill = async (...args: readonly string[]) => {
    const screen = recordingScreen();
    const code = await runCli(args, directory, screen);
    return { code, out: screen.stdout.text(), err: screen.stderr.text() };
  };

  it('is listed, shown and judged again, by its id, its name and its path', async () => {
    const place = plant();
    expect((await drill('list', 'restores')).out).to.match(/last-night-00aa +pass .*at most 30/);
    expect((await drill('list', 'runs')).out).to.include('1 restore besides: drill list restores');
    expect((await drill('history', 'last-night')).err).to.include('drill list restores');
    for (const word of [ID, 'last-night', place]) {
      const shown = await drill('show', word);
      expect([shown.code, shown.out], word).to.deep.equal([0, (await drill('show', ID)).out]);
      const { code, out } = await drill('judge', word);
      expect(code, out).to.equal(0);
      expect(out).to.include('agrees with the evidence');
    }
    const { out } = await drill('judge', ID, '--json');
    expect(out).to.equal(readFileSync(join(place, 'result.json'), 'utf8'));
  });

  it('is not believed where its result says another thing than what was found', async () => {
    const place = plant();
    const late = { ...FACTS, backup: { ...FACTS.backup!, started_at: '2026-11-30T08:00:00.000Z' } };
    writeFileSync(join(place, 'facts.json'), JSON.stringify(late));
    const judged = await drill('judge', ID);
    expect([judged.code, judged.out.includes('does not agree')]).to.deep.equal([3, true]);
    const shown = await drill('show', ID);
    expect([shown.code, shown.err.includes('unverified')]).to.deep.equal([3, true]);
    rmSync(join(place, 'facts.json'));
    expect((await drill('judge', ID)).code).to.equal(3);
    expect((await drill('show', ID)).code).to.equal(3);
  });

  it('left something behind, also where its result is gone or its folder has another name', async () => {
    const place = plant();
    const facts = JSON.stringify({ ...FACTS, left: ['/tmp/drill-x: it is busy'] });
    writeFileSync(join(place, 'facts.json'), facts);
    const other = placeOf('20261130T120000Z-copy-00cc');
    cpSync(place, other, { recursive: true });
    rmSync(join(place, 'result.json'));
    for (const folder of [place, other]) {
      expect((await drill('show', folder)).out).to.match(/^UNCLEAN/);
      expect((await drill('judge', folder)).out).to.match(/^UNCLEAN/);
    }
  });

  it('has no page, and the verb that would make one says what to use', async () => {
    plant();
    const { code, err } = await drill('report', ID);
    expect(code).to.equal(2);
    expect(err).to.include('is a restore drill').and.include(`drill show ${ID}`);
  });

  it('that was killed is listed as to be cleaned, and cleaned with and without its name', async () => {
    for (const args of [['clean', KILLED], ['clean']]) {
      const scratch = join(directory, `drill-${KILLED}`);
      mkdirSync(scratch);
      writeFileSync(join(scratch, '.drill-run'), KILLED);
      mkdirSync(placeOf(KILLED), { recursive: true });
      const owner = { undo: 'owner', run: KILLED, owner: GONE };
      const lines = [owner, { undo: 'directory', path: scratch }].map((each) =>
        JSON.stringify(each),
      );
      writeFileSync(join(placeOf(KILLED), 'restore.yaml'), FILE);
      writeFileSync(join(placeOf(KILLED), 'undo.ndjson'), `${lines.join('\n')}\n`);
      expect((await drill('list', 'restores')).out).to.include('needs drill clean');
      const { code, out } = await drill(...args);
      expect(code, out).to.equal(0);
      expect(out).to.include(`${KILLED}: cleaned`);
    }
  });
});
