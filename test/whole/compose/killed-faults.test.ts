// A region of containers stands still and the runner is killed: `drill clean` lets it go on from the
// undo log alone, and the system can be drilled again.
import { expect } from 'chai';
import { basename } from 'node:path';
import { Workplace } from '../../support/whole/drill-cli.ts';
import { calmDrill, killAt } from '../../support/whole/killed.ts';
import {
  atEngine,
  composeEnvironment,
  docker,
  requireDocker,
} from '../../support/servers/docker.ts';

const FREEZE = '{ at: 300ms, kind: lose-region, region: east, how: freeze }';

describe('paused containers whose runner is killed, on a system that is up', function () {
  this.timeout(240_000);
  let place: Workplace;
  let env: Record<string, string>;

  before(function () {
    requireDocker(this);
    env = composeEnvironment();
    place = new Workplace(calmDrill(FREEZE));
  });
  after(async () => {
    await place?.run(['clean'], env);
    await place?.run(['down', '--all'], env);
    const left = place?.runs().flatMap((run) => atEngine(basename(run)));
    place?.remove();
    expect(left ?? []).to.deep.equal([]);
  });

  it('go on after drill clean, and the next drill finds the system whole', async () => {
    const up = await place.run(['up', 'drill.yaml', '--runtime', 'compose'], env);
    expect(up.code, up.stdout + up.stderr).to.equal(0);
    const label = `label=dr.drill.run=${basename(place.runs().at(-1)!)}`;
    const paused = () => docker('ps', '-q', '--filter', label, '--filter', 'status=paused');
    await killAt(place, 'fault.injected', 'drill.yaml', env);
    expect(paused(), 'the fault lasts').not.to.equal('');
    const cleaned = await place.run(['clean'], env);
    expect(cleaned.code, cleaned.stdout + cleaned.stderr).to.equal(0);
    expect(paused()).to.equal('');
    await killAt(place, 'steady.started', 'drill.yaml', env);
    expect((await place.run(['clean'], env)).code).to.equal(0);
  });
});
