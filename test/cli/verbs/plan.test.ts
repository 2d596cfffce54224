import { expect } from 'chai';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { planVerb } from '../../../src/cli/verbs/plan.ts';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import { GOOD, call, makeFolder, removeFolder } from '../../support/cli/drill-verbs.ts';
import { ownDrill } from '../../support/plan/own-drill.ts';

describe('drill plan', () => {
  let folder: string;
  beforeEach(() => {
    folder = makeFolder();
    writeFileSync(join(folder, 'good.yaml'), GOOD);
  });
  afterEach(() => removeFolder(folder));

  const plan = (args: Record<string, unknown>) =>
    call(planVerb, { file: 'good.yaml', ...args }, folder);

  it('says what is created, broken, waited for, and how long it can take', async () => {
    const { code, stdout } = await plan({});
    expect(code).to.equal(0);
    expect(stdout).to.contain('east/postgres, east/app-1, east/app-2, west/postgres, west/app-1');
    expect(stdout).to.match(/lose-region east \(the disaster: the\s+clock starts here\)/);
    expect(stdout).to.contain('at worst 1 s after the fault');
    expect(stdout.replaceAll(/\s+/g, ' ')).to.contain(
      'about 10 s of waits (steady state 3 s, until the last fault 2 s, detection 1 s, ' +
        'DNS answers that clients keep 1 s, service that has to hold 3 s)',
    );
    const [, longest, limits] = /longest +(\S+ m \S+ s), if (every phase [^]*)/.exec(stdout)!;
    expect(longest).to.equal('10 m 44 s');
    expect(limits!.replaceAll(/\s+/g, ' ')).to.contain('limit: prepare 10 s, up 5 m 00 s, ');
  });

  it('keeps to the width of the terminal', async () => {
    const { stdout } = await plan({});
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).to.be.at.most(80);
  });

  it('shows with --explain where each value came from', async () => {
    const { stdout } = await plan({ explain: true, set: 'targets.rto=9s' });
    expect(stdout).to.match(/^targets\.rto +9s +--set targets\.rto$/m);
    expect(stdout).to.match(/^targets\.rpo +1s +good\.yaml:3:27$/m);
    expect(stdout).to.match(/^workload\.rate +200\/s +default$/m);
  });

  it('prints plan, description and values as JSON', async () => {
    const { stdout } = await plan({ json: true, explain: true, seed: '7' });
    const report = JSON.parse(stdout) as { plan: Plan; description: object; values: unknown[] };
    expect(report.plan).to.deep.include({ schema: 'drill.plan/2', seed: 7, name: 'good' });
    expect(report.plan.sha256).to.match(/^[0-9a-f]{64}$/);
    expect(report.description).to.deep.include({ worst_detection_ms: 1000 });
    expect(report.values.length).to.be.greaterThan(30);
  });

  it('shows how far a drill of one’s own system goes, and on whose word', async () => {
    const guard = 'hurt_for: 90s, lever: stop.txt, stop_when: { command: [./alarm.sh, a] }';
    const databases = {
      'east/db1': 'postgres://drill@10.0.1.11/app?sslmode=require',
      'west/db2': 'postgres://drill@10.0.2.11/app',
    };
    const system = 'primary: { http: "http://{host}:8008/primary" }';
    writeFileSync(join(folder, 'own.yaml'), ownDrill({ databases, system, guard }));
    const { stdout } = await plan({ file: 'own.yaml' });
    const text = stdout.replaceAll(/\s+/g, ' ');
    expect(text).to.contain(
      'limits topology.guard.schema: dr_drill topology.guard.rate_at_most: 100/s ' +
        'topology.guard.bytes_at_most: 1MB topology.guard.hurt_for: 90s ' +
        'topology.guard.lever: stop.txt topology.guard.stop_when.for: 5s ' +
        'topology.system.primary: http://{host}:8008/primary ' +
        'seen of power off db1: east/db1 takes no connection ' +
        'the address of east/db1, after ?: sslmode=require consent ',
    );
    expect(text).to.contain('topology.guard.stop_when: run: ./alarm.sh a');
    expect(text).to.contain('consent.yaml: there is no such file');
    const { stdout: json } = await plan({ file: 'own.yaml', json: true });
    const report = JSON.parse(json) as { limits: object; consent: object };
    expect(report.limits).to.include({ 'topology.guard.hurt_for': '90s' });
    expect(report.consent).to.include({ state: 'there is no such file' });
  });

  it('exits 2 for a file with errors and prints no plan', async () => {
    const { code, stdout, stderr } = await plan({ set: ['targets.rto=5'] });
    expect([code, stdout]).to.deep.equal([2, '']);
    expect(stderr).to.contain('--set targets.rto: error: expected a duration');
  });
});
