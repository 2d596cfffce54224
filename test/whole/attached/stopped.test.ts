// Drills of two plain servers that are stopped half-way: how they leave the system is told.
import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { join } from 'node:path';
import { stackOfEach } from '../../support/attached/own-suite.ts';
import { requireRepmgr } from '../../support/attached/programs.ts';
import type { Argv } from '../../support/attached/stack.ts';
import { startTwoServers } from '../../support/attached/two-servers.ts';
import { it } from '../../support/commands.ts';

describe('a drill of two plain servers', function () {
  this.timeout(180_000);
  const own = stackOfEach(requireRepmgr, startTwoServers);
  const { run, script } = own;

  /** It hurts once the first step has begun, before anybody was promoted. */
  const stopped = async (undo: Argv) => {
    const sign = join(own.stack.directory, 'hurts');
    const alarm = JSON.stringify(script('alarm', `test -e ${sign}`));
    return await run({
      run: own.stack.lose('node'),
      undo,
      seen: '{ refuses: east/db1 }',
      steps: [{ title: 'take long', command: script('long', `touch ${sign}; sleep 20`) }],
      system: `  guard: { stop_when: { command: ${alarm}, for: 1s } }`,
    });
  };

  it.full('that is stopped says which server takes writes now', async () => {
    const { ended, result } = await stopped(own.stack.undo());
    expect(ended.code, ended.stdout).to.equal(3);
    expect(result.failures).to.deep.equal([]);
    const left = 'When the run ended, east/db1 took writes; nobody looked';
    expect(result.notes.join(' ')).to.contain(left);
    expect(ended.stdout).to.contain(left);
  });

  it.full(
    'that is stopped while its fault still runs ends that first, then undoes it',
    async () => {
      const at = (name: string) => join(own.stack.directory, name);
      const alarm = JSON.stringify(script('alarm', `test -e ${at('hurts')}`));
      const loses = `touch ${at('hurts')}; sleep 12; touch ${at('went-on')}`;
      const { place, ended, result } = await run({
        run: script('loses', `${loses}; ${own.stack.lose('node').join(' ')}`),
        undo: script('mends', `rm -f ${at('hurts')}; ${own.stack.undo().join(' ')}`),
        seen: '{ refuses: east/db1 }',
        system: `  guard: { stop_when: { command: ${alarm}, for: 1s } }`,
      });
      expect(ended.code, ended.stdout).to.equal(3);
      expect(result.failures).to.deep.equal([]);
      const events = place.events();
      const when = (name: string) => events.find(({ event }) => event === name)!.t;
      expect(events.map(({ event }) => event)).not.to.include('fault.proved');
      expect(when('cleanup.ended') - when('run.stopped')).to.be.lessThan(5_000);
      expect(existsSync(at('hurts'))).to.equal(false);
      await setTimeout(when('fault.started') + 14_000 - when('cleanup.ended'));
      expect(existsSync(at('went-on'))).to.equal(false);
    },
  );

  it.full('that is stopped, and whose undo leaves two standbys, says so', async () => {
    const signal = join(own.stack.directory, 'db1', 'standby.signal');
    const undo = script('halves', `touch ${signal}; ${own.stack.undo().join(' ')}`);
    const { ended, result } = await stopped(undo);
    expect(ended.code, ended.stdout).to.equal(1);
    expect(result.failures.map(({ code }) => code)).to.deep.equal([
      'no-primary',
      'clean-up-failed',
    ]);
    expect(result.reasons.join(' ')).to.contain('No server took writes when the run ended');
    expect(ended.stdout).to.match(/no\s+server\s+takes\s+writes\s+now/i);
  });
});
