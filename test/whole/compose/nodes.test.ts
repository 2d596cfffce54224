// Single containers that a fault has changed, and a runner that is killed: `drill clean` brings each
// back to what it was, and the next drill finds the system whole.
import { expect } from 'chai';
import { basename, join } from 'node:path';
import { it } from '../../support/commands.ts';
import {
  atEngine,
  composeEnvironment,
  containerOf,
  docker,
  requireDocker,
} from '../../support/servers/docker.ts';
import { ROOT, Workplace } from '../../support/whole/drill-cli.ts';
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

describe('a disk that a fault filled whose runner is killed', function () {
  this.timeout(240_000);
  const FULL = `{ at: 300ms, kind: fill-disk, node: west/postgres }\n  - ${LATER}`;

  describe('on a system that is up', () => {
    const system = systemUp({ runtime: 'compose', faults: FULL });

    /** What is free of it in kB, as the server has it. */
    function free(): number {
      const node = containerOf(basename(system.directory), 'west/postgres');
      const said = docker('exec', node, 'df', '-Pk', '/var/lib/postgresql');
      return Number(said.split('\n').at(-1)!.split(/\s+/)[3]);
    }

    it.full('has room again after drill clean, and the next drill finds it', async () => {
      expect(free()).to.be.above(200_000);
      await system.kill('fault.proved');
      expect(free(), 'the fault lasts').to.be.below(1_024);
      await system.clean();
      expect(free()).to.be.above(200_000);
      await system.kill('steady.ended');
      await system.clean();
    });
  });

  it.full('is gone with its run, and with whoever kept it', async function () {
    requireDocker(this);
    const place = new Workplace();
    const drill = join(ROOT, 'drills/faults/fill-disk.yaml');
    const running = place.start(['run', drill, '--reporter', 'plain'], composeEnvironment());
    await running.event('fault.proved', ({ event }) => event === 'fault.proved');
    running.child.kill('SIGKILL');
    await running.ended;
    const run = basename(place.runs()[0]!);
    expect(atEngine(run).join()).to.contain('east-postgres-disk');
    const { code, stdout, stderr } = await place.run(['clean'], composeEnvironment());
    expect(code, stdout + stderr).to.equal(0);
    expect([...atEngine(run), ...place.leftBehind()]).to.deep.equal([]);
    place.remove();
  });
});
