// Single containers that a fault has changed, and a runner that is killed: `drill clean` brings each
// back to what it was, and the next drill finds the system whole.
import { expect } from 'chai';
import { basename } from 'node:path';
import { it } from '../../support/commands.ts';
import {
  atEngine,
  composeEnvironment,
  docker,
  requireDocker,
} from '../../support/servers/docker.ts';
import { Workplace } from '../../support/whole/drill-cli.ts';
import { calmDrill, killAt } from '../../support/whole/killed.ts';

const LATER = '{ at: 60s, kind: lose-region, region: east, how: freeze }';
const FAULTS = {
  'kill-node': '{ at: 300ms, kind: kill-node, node: west/postgres }',
  'freeze-node': '{ at: 300ms, kind: freeze-node, node: east/app-1 }',
  'stress-cpu': '{ at: 300ms, kind: stress-cpu, node: west/postgres }',
};

describe('a container that a fault changed whose runner is killed', function () {
  this.timeout(240_000);
  let place: Workplace;
  let env: Record<string, string>;

  before(async function () {
    requireDocker(this);
    env = composeEnvironment();
    place = new Workplace(calmDrill(LATER));
    const up = await place.run(['up', 'drill.yaml', '--runtime', 'compose'], env);
    expect(up.code, up.stdout + up.stderr).to.equal(0);
  });
  after(async () => {
    await place?.run(['clean'], env);
    await place?.run(['down', '--all'], env);
    const left = place?.runs().flatMap((run) => atEngine(basename(run)));
    place?.remove();
    expect(left ?? []).to.deep.equal([]);
  });

  /** Each container's state and the processors that it may use. */
  function state(): string {
    const label = `label=dr.drill.run=${basename(place.runs()[0]!)}`;
    const ids = docker('ps', '-aq', '--filter', label).split(/\s+/);
    const form = '{{.Name}} {{.State.Status}} {{.HostConfig.NanoCpus}}';
    return docker('inspect', '--format', form, ...ids)
      .split('\n')
      .toSorted()
      .join('\n');
  }

  for (const [kind, fault] of Object.entries(FAULTS)) {
    it.full(`is as it was after drill clean: ${kind}`, async () => {
      const before = state();
      place.write('killed.yaml', calmDrill(`${fault}\n  - ${LATER}`));
      await killAt(place, 'fault.injected', 'killed.yaml', env);
      expect(state(), 'the fault lasts').not.to.equal(before);
      const cleaned = await place.run(['clean'], env);
      expect(cleaned.code, cleaned.stdout + cleaned.stderr).to.equal(0);
      expect(state()).to.equal(before);
      await killAt(place, 'steady.ended', 'drill.yaml', env);
      expect((await place.run(['clean'], env)).code).to.equal(0);
    });
  }
});
