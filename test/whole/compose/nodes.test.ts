// Single containers that a fault has changed, and a runner that is killed: `drill clean` brings each
// back to what it was, and the next drill finds the system whole.
import { expect } from 'chai';
import { basename } from 'node:path';
import { it } from '../../support/commands.ts';
import { docker } from '../../support/servers/docker.ts';
import { LATER, systemUp } from '../../support/whole/killed.ts';

const FAULTS = {
  'kill-node': '{ at: 300ms, kind: kill-node, node: west/postgres }',
  'freeze-node': '{ at: 300ms, kind: freeze-node, node: east/app-1 }',
  'stress-memory': '{ at: 300ms, kind: stress-memory, node: east/postgres, share: 80% }',
  'stress-cpu': '{ at: 300ms, kind: stress-cpu, node: west/postgres }',
};

describe('a container that a fault changed whose runner is killed', function () {
  this.timeout(240_000);
  const system = systemUp({ runtime: 'compose' });

  /** Each container's state, and what it may use. */
  function state(): string {
    const label = `label=dr.drill.run=${basename(system.directory)}`;
    const ids = docker('ps', '-aq', '--filter', label).split(/\s+/);
    const limits = '{{.HostConfig.NanoCpus}} {{.HostConfig.Memory}} {{.HostConfig.MemorySwap}}';
    const form = `{{.Name}} {{.State.Status}} ${limits}`;
    return docker('inspect', '--format', form, ...ids)
      .split('\n')
      .toSorted()
      .join('\n');
  }

  for (const [kind, fault] of Object.entries(FAULTS)) {
    it.full(`is as it was after drill clean: ${kind}`, async () => {
      const before = state();
      await system.kill('fault.injected', `${fault}\n  - ${LATER}`);
      expect(state(), 'the fault lasts').not.to.equal(before);
      await system.clean();
      expect(state()).to.equal(before);
      await system.kill('steady.ended');
      await system.clean();
    });
  }
});
