import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import {
  createRunDirectory,
  newRegionsId,
  runsDirectory,
} from '../../../src/archive/run-directory.ts';
import { hostClock } from '../../../src/host/clock.ts';
import { thisRunner } from '../../../src/host/process/runner.ts';
import { FAULT_KINDS, isOfOperators, keysOf } from '../../../src/drill/fault/registry.ts';
import { recoveries } from '../../../src/recovery/registry.ts';
import type { Result } from '../../../src/verdict/result.ts';
import { plantResult } from '../../support/evidence/plant-result.ts';
import { recordingScreen } from '../../support/cli/recording-screen.ts';
import { runCli } from '../../support/cli/run-cli.ts';
import { lostData, neverRecovered, passed } from '../../support/evidence/results.ts';

describe('drill list', () => {
  let directory = '';
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'drill-list-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  function plant(result: Result): string {
    const place = createRunDirectory(runsDirectory(directory), result.id);
    plantResult(place, result);
    writeFileSync(join(place, 'undo.ndjson'), `${JSON.stringify({ undo: 'done' })}\n`);
    return place;
  }

  async function list(...args: readonly string[]) {
    const screen = recordingScreen();
    const code = await runCli(['list', ...args], directory, screen);
    return { code, out: screen.stdout.text(), err: screen.stderr.text() };
  }

  it('lists every fault and every recovery of the registries with its settings', async () => {
    const { out } = await list('faults');
    for (const kind of FAULT_KINDS) {
      expect(out).to.include(kind);
      for (const name of ['at', ...keysOf(kind)])
        expect(out).to.match(new RegExp(`^ +${name} `, 'm'));
    }
    for (const { name } of recoveries) expect((await list('recoveries')).out).to.include(name);
  });

  for (const kind of FAULT_KINDS) {
    it(`shows ${kind} alone: its settings, what it needs, its proof and an example`, async () => {
      const { code, out } = await list('faults', kind);
      expect(code).to.equal(0);
      for (const name of keysOf(kind)) expect(out).to.match(new RegExp(`^ +${name} `, 'm'));
      for (const fact of ['needs', 'runtimes', 'proved by', 'example']) {
        expect(out).to.match(new RegExp(`^${fact} +\\S`, 'm'));
      }
      expect(out).to.match(new RegExp(`^faults:\n(.*\n)*.*kind: ${kind}\\b`, 'm'));
      const { needs, runtimes } = JSON.parse((await list('faults', kind, '--json')).out) as {
        needs: string[];
        runtimes: string[];
      };
      const isOnCompose = kind === 'fill-disk' || kind === 'stress-memory';
      const labs = isOnCompose ? ['compose'] : ['embedded', 'compose'];
      expect(runtimes).to.deep.equal(kind === 'command' ? ['attached'] : labs);
      expect(needs.length > 0).to.equal(!isOfOperators(kind));
    });
  }

  it('shows one recovery alone, guesses at a name, and has none of runs', async () => {
    expect((await list('recoveries', 'release')).out).to.match(/^release .*\n(.*\n)* +deadline /);
    const { code, err } = await list('faults', 'latenci');
    expect(code).to.equal(2);
    expect(err).to.include('no fault is called "latenci"; did you mean latency?');
    expect((await list('runs', 'x')).code).to.equal(2);
  });

  it('says of a setting of which type it is, and what it is where nothing is said', async () => {
    const { out } = await list('faults', 'half-done-runbook');
    expect(out).to.match(/^ +step +text, required – A step of the recovery/m);
    expect(out).to.match(/^ +fails +whole number, 1 to 100 \(1\) – How many tries/m);
    expect(out).to.match(/^ +does +all, nothing \(all\) – /m);
  });

  it('has a small drill for each fault', () => {
    const folder = new URL('../../../drills/', import.meta.url);
    for (const kind of FAULT_KINDS) {
      const path = kind === 'command' ? 'attached/repmgr' : `faults/${kind}`;
      expect(readFileSync(new URL(`${path}.yaml`, folder), 'utf8')).to.match(
        new RegExp(`kind: ${kind}\\b`),
      );
    }
  });

  it('lists the drills of this folder before those that came with drill', async () => {
    mkdirSync(join(directory, 'drills'));
    writeFileSync(join(directory, 'drills', 'mine.yaml'), 'name: mine\ndescription: Hello.\n');
    writeFileSync(join(directory, 'drills', 'torn.yaml'), 'name: [');
    execFileSync('mkfifo', [join(directory, 'drills', 'pipe.yaml')]);
    const { out } = await list('drills');
    expect(out).to.match(
      /^drills\/mine\.yaml\n {4}Hello\.\ndrills\/pipe\.yaml\ndrills\/torn\.yaml\n/,
    );
    expect(out).to.match(/\/drills\/region-outage\.yaml\n/);
  });

  it('lists the drills of a folder, by name, before those of the folders in it', async () => {
    const names = ['week-10.yaml', 'week-2.yml', 'b/one.yaml', 'a/c/two.yaml', '.git/x.yaml'];
    for (const name of [...names, 'drill.config.yaml', 'notes.txt']) {
      mkdirSync(dirname(join(directory, 'drills', name)), { recursive: true });
      writeFileSync(join(directory, 'drills', name), 'name: x\n');
    }
    const drills = JSON.parse((await list('drills', '--json')).out) as { file: string }[];
    expect(drills.slice(0, 5).map(({ file }) => file)).to.deep.equal([
      ...['drills/week-2.yml', 'drills/week-10.yaml', 'drills/a/c/two.yaml', 'drills/b/one.yaml'],
      drills.find(({ file }) => file.startsWith('/'))!.file,
    ]);
    const strategies = drills.filter(({ file }) => file.includes('/drills/strategies/'));
    expect(strategies.map(({ file }) => basename(file))).to.include('pilot-light.yaml');
  });

  it('lists runs newest first with verdict, RTO and loss', async () => {
    plant(passed);
    plant(lostData);
    const lines = (await list('runs')).out.trimEnd().split('\n');
    expect(lines[1]).to.match(/too-tight-91bc +fail +2\.31 s +12 writes/);
    expect(lines[2]).to.match(/region-outage-3fa2 +pass +2\.31 s +0 writes/);
  });

  it('calls the time of a drill without a disaster by its name', async () => {
    plant({ ...passed, drill: { ...passed.drill, disaster: 'none' } });
    expect((await list('runs')).out).to.match(/region-outage-3fa2 +pass +back after 2\.31 s +0/);
  });

  it('says which was made last where the clock was set back since', async () => {
    plant(passed);
    plant(lostData);
    expect((await list('runs')).out).to.not.include('made here last');
    rmSync(join(runsDirectory(directory), passed.id), { recursive: true });
    plant(passed);
    const { out } = await list('runs');
    expect(out).to.include(`${passed.id} was made here last.`);
    expect(out.indexOf(lostData.id)).to.be.lessThan(out.indexOf(passed.id));
  });

  it('does not believe a journal that was changed along with the result, nor another run’s', async () => {
    const place = plant(passed);
    expect((await list('runs')).out).to.not.include('unverified');
    // The hash of the last line is put right by hand, its checksum is not.
    const text = JSON.stringify({ ...passed, recovery: { ...passed.recovery, rto_ms: 1 } });
    const sha256 = createHash('sha256').update(text).digest('hex');
    writeFileSync(join(place, 'result.json'), text);
    const journal = readFileSync(join(place, 'journal.ndjson'), 'utf8');
    const changed = journal.replace(/"sha256":"[0-9a-f]+"/, `"sha256":"${sha256}"`);
    writeFileSync(join(place, 'journal.ndjson'), changed);
    expect((await list('runs')).out).to.match(/region-outage-3fa2 +pass, unverified/);
    rmSync(join(place, 'journal.ndjson'));
    plantResult(place, { ...lostData, verdict: 'pass' });
    expect((await list('runs')).out).to.match(/region-outage-3fa2 +pass, unverified/);
  });

  it('says of a run that cannot be read that it cannot tell, and not to clean it', async () => {
    const place = plant(passed);
    rmSync(join(place, 'result.json'));
    rmSync(join(place, 'undo.ndjson'));
    mkdirSync(join(place, 'undo.ndjson'));
    const { out } = await list('runs');
    expect(out).to.match(/region-outage-3fa2 +cannot tell, cannot be read by this user/);
    expect(out).to.not.include('drill clean');
  });

  it('says of a result that is not the one that was written that it is unverified', async () => {
    const place = plant({ ...lostData, id: passed.id });
    const forged = JSON.stringify(passed);
    writeFileSync(join(place, 'result.json'), forged);
    const { out } = await list('runs');
    expect(out).to.match(/region-outage-3fa2 +pass, unverified +2\.31 s/);
    const [run] = JSON.parse((await list('runs', '--json')).out) as { verified: boolean }[];
    expect(run!.verified).to.equal(false);
  });

  it('shows a run without a result, and one that never recovered, as what they are', async () => {
    createRunDirectory(runsDirectory(directory), '20261122T201000Z-killed-00aa');
    plant(neverRecovered);
    const { out } = await list('runs');
    expect(out).to.match(/killed-00aa +no result/);
    expect(out).to.match(/region-outage-3fa2 +fail +– /);
  });

  it('has no regions that runs of a series share, but for what a killed series left', async () => {
    plant(passed);
    const [own, dead] = ['own', 'dead'].map((name) => {
      const id = newRegionsId(name, hostClock());
      return { id, place: createRunDirectory(runsDirectory(directory), id, false) };
    }) as [{ id: string; place: string }, { id: string; place: string }];
    const ownerLine = (owner: object) => `${JSON.stringify({ undo: 'owner', run: 'r', owner })}\n`;
    writeFileSync(join(own.place, 'undo.ndjson'), ownerLine(thisRunner()));
    writeFileSync(join(dead.place, 'undo.ndjson'), ownerLine({ pid: 2 ** 22 + 1, started: '1' }));
    const { out } = await list('runs');
    expect(out).to.include(passed.id).and.to.not.include(own.id);
    expect(out).to.include(`${dead.id}, regions of a series: needs drill clean`);
    const json = JSON.parse((await list('runs', '--json')).out) as { id: string }[];
    expect(json.map(({ id }) => id)).to.deep.equal([passed.id]);
  });

  it('gives the same as JSON', async () => {
    plant(lostData);
    const [run] = JSON.parse((await list('runs', '--json')).out) as Record<string, unknown>[];
    expect(run).to.include({ id: lostData.id, verdict: 'fail', rto_ms: 2310, lost: 12 });
  });

  it('prunes runs, and says how many', async () => {
    const old = plant(passed);
    const young = plant(lostData);
    const { code, err } = await list('runs', '--prune', '1');
    expect(code).to.equal(0);
    expect(err).to.equal('1 run removed\n');
    expect([existsSync(old), existsSync(young)]).to.deep.equal([false, true]);
  });

  it('prunes by the configuration file where no number is given, and keeps pinned runs', async () => {
    const other = { ...passed, id: '20261123T201317Z-region-outage-00aa' };
    const [old, pinned, young] = [plant(passed), plant(lostData), plant(other)];
    expect((await list('runs', '--prune')).err).to.equal('0 runs removed\n');
    const config = 'runs: { keep_at_least: 1, keep_for: 0d }\n';
    writeFileSync(join(directory, 'drill.config.yaml'), config);
    writeFileSync(join(pinned, 'pinned'), '');
    const { out, err } = await list('runs', '--prune', '--json');
    expect(err).to.equal('1 run removed\n');
    expect([old, pinned, young].map((place) => existsSync(place))).to.have.members([
      ...[true, true, false],
    ]);
    const listed = JSON.parse(out) as Record<string, unknown>[];
    expect(listed.map((run) => run['pinned'])).to.include.members([true, false]);
  });

  it('refuses to prune anything but runs, and by anything but a whole number', async () => {
    expect((await list('faults', '--prune', '1')).err).to.include('--prune goes with runs');
    expect((await list('drills', '--out', 'x')).err).to.include('--out goes with runs');
    expect((await list('runs', '--prune=-1')).code).to.equal(2);
    expect((await list('runs', '--prune=')).code, 'all of them').to.equal(2);
    expect((await list('runs', '--prune', '1.5')).err).to.include('whole number');
  });

  it('says what to do where there are no runs', async () => {
    expect((await list('runs')).out).to.include('drill run drills/region-outage.yaml');
  });
});
