// What a drill of two plain servers takes for seen, and what it leaves alone: a fault that is seen
// before it is there proves nothing, and what the team's own steps start is not the run's to end.
import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { stackOfEach } from '../../support/attached/own-suite.ts';
import { requireRepmgr } from '../../support/attached/programs.ts';
import { startTwoServers } from '../../support/attached/two-servers.ts';
import { it } from '../../support/commands.ts';

const STAYS = ['sleep', '86397'];

describe('a drill of two plain servers', function () {
  this.timeout(180_000);
  const own = stackOfEach(requireRepmgr, startTwoServers);
  const { run } = own;

  it.full('whose fault is seen before it is there is not begun', async () => {
    // Nothing ever listens there: a mistyped port.
    const ran = await run({ run: ['true'], undo: 'none', seen: '{ refuses: 127.0.0.1:1 }' });
    expect(ran.ended.code, ran.ended.stdout).to.equal(3);
    expect(ran.ended.stdout).to.contain('not yet: 127.0.0.1:1 takes no connection');
    expect(ran.place.events().map(({ event }) => event)).not.to.include('fault.started');
  });

  it.full('whose steps start something leaves that running', async () => {
    const ran = await run({
      run: own.stack.lose('node'),
      undo: own.stack.undo(),
      seen: '{ refuses: east/db1 }',
      steps: [
        { title: 'start what stays', command: ['setsid', '--fork', ...STAYS] },
        { title: 'promote db2', command: own.stack.command('promote', 'db2') },
      ],
    });
    const left = started();
    for (const pid of left) process.kill(pid, 'SIGKILL');
    expect(left).to.have.length(1);
    expect(ran.place.leftBehind(), ran.ended.stdout).to.deep.equal([]);
  });
});

function started(): number[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0').slice(0, -1);
      return words.join() === STAYS.join() ? [Number(pid)] : [];
    } catch {
      return []; // it has ended
    }
  });
}
