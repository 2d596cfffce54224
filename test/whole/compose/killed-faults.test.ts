// A region of containers stands still and the runner is killed: `drill clean` lets it go on from the
// undo log alone, and the system can be drilled again.
import { expect } from 'chai';
import { basename } from 'node:path';
import { docker } from '../../support/servers/docker.ts';
import { systemUp } from '../../support/whole/killed.ts';

const FREEZE = '{ at: 300ms, kind: lose-region, region: east, how: freeze }';

describe('paused containers whose runner is killed, on a system that is up', function () {
  this.timeout(240_000);
  const system = systemUp({ runtime: 'compose' });

  it('go on after drill clean, and the next drill finds the system whole', async () => {
    const label = `label=dr.drill.run=${basename(system.directory)}`;
    const paused = () => docker('ps', '-q', '--filter', label, '--filter', 'status=paused');
    await system.kill('fault.injected', FREEZE);
    expect(paused(), 'the fault lasts').not.to.equal('');
    await system.clean();
    expect(paused()).to.equal('');
    await system.kill('steady.started', FREEZE);
    await system.clean();
  });
});
