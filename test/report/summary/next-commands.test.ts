// What to type after a run: commands that clean up or look closer, and the change that helps.
import { expect } from 'chai';
import { callsIn, COMMAND_VERBS, commandName } from '../../../src/screen/command-name.ts';
import { OWN_SYSTEM } from '../../../src/drill/names.ts';
import { zeroLossObstacle } from '../../../src/drill/gate/loss.ts';
import type { Loss } from '../../../src/drill/measurement.ts';
import { nextCommands } from '../../../src/report/summary/next-commands.ts';
import { verbs } from '../../../src/cli/verbs.ts';
import type { Gate, Result } from '../../../src/verdict/result.ts';
import { passed } from '../../support/evidence/results.ts';

const gate = (name: string, verdict: Gate['verdict'], reason: string | null = null): Gate => {
  return { ...passed.gates.find((one) => one.name === name)!, name, verdict, reason };
};
const runtime = (settings: Record<string, string>, kind = 'embedded') => {
  return { ...passed.runtime!, kind, settings };
};
const next = (result: Partial<Result>) => {
  const whole: Result = { ...passed, cleanup: { clean: true, left: [] }, ...result };
  return nextCommands(whole, {
    commandName: 'npx drill',
    directory: `.drill/runs/${whole.id}`,
  });
};
const FILE = `.drill/runs/${passed.id}/drill.yaml`;

describe('the commands after a run', () => {
  it('raise the rate by as much as zero loss needs', () => {
    const loss = { classes: { lost: 0, late: 0 }, acknowledged_before: 2 } as Loss;
    for (const [store, key] of [
      ['orders', 'workload.rate'],
      ['carts', 'workload.carts'],
    ] as const) {
      const { obstacle, needs } = zeroLossObstacle(store, loss);
      expect(obstacle).to.contain(`Set ${key} to 20 writes a second or more.`);
      // What it needs counts, whatever the sentence says.
      const open = { ...gate('rpo', 'inconclusive', 'in other words'), needs: needs! };
      const lines = next({ verdict: 'inconclusive', gates: [open] });
      const line = `npx drill run ${FILE} --set ${key}=20/s  # so that zero loss shows`;
      expect(lines).to.include(line);
      expect(lines.join()).not.to.include('drill show');
      const silent = gate('rpo', 'inconclusive', obstacle);
      expect(next({ verdict: 'inconclusive', gates: [silent] }).join()).not.to.include('--set');
    }
  });

  it('have a commit wait where acknowledged writes were lost', () => {
    const failed = { verdict: 'fail', gates: [gate('rpo', 'fail')] } as const;
    const sync = /--set topology\.replication\.mode=sync {2}#/;
    expect(next({ ...failed, runtime: runtime({ replication: 'async' }) }).join('\n')).to.match(
      sync,
    );
    const received = next({ ...failed, runtime: runtime({ wal: 'receive' }) }).join('\n');
    expect(received).to.match(/--set topology\.backup\.wal=receive-sync/);
    for (const settings of [{ replication: 'sync' }, { replication: 'two-way, async' }]) {
      expect(next({ ...failed, runtime: runtime(settings) }).join('\n')).not.to.include('--set');
    }
  });

  it('shorten the longest part of the RTO where a key does', () => {
    const phases = [
      { name: 'detect', ms: 900 },
      { name: 'fence', ms: 10 },
      { name: 'promote', ms: null },
    ];
    const failed: Partial<Result> = {
      verdict: 'fail',
      gates: [gate('rto', 'fail')],
      recovery: { ...passed.recovery!, phases },
      runtime: runtime({ 'gslb failures': '3' }),
    };
    expect(next(failed).join('\n')).to.include(
      '--set topology.gslb.failures=2  # detect is the longest part of the RTO',
    );
    const fewest = { ...failed, runtime: runtime({ 'gslb failures': '2' }) };
    expect(next(fewest).join('\n')).not.to.include('--set');
  });

  it('are the same run again where no change is known, on its runtime and with its seed', () => {
    const drill = { ...passed.drill, seed: 7 };
    const bare = { loss: null, drill, runtime: runtime({}, 'compose'), gates: [] };
    expect(next({ ...bare, verdict: 'inconclusive' })).to.deep.equal([
      `npx drill run ${FILE} --runtime compose --seed 7  # when nothing else runs here`,
    ]);
    expect(next({ ...bare, verdict: 'interrupted' })).to.deep.equal([
      `npx drill run ${FILE} --runtime compose --seed 7`,
    ]);
  });

  it('name no copy of a drill of somebody’s own system, whose consent is not beside it', () => {
    const drill = { ...passed.drill, strategy: OWN_SYSTEM, name: 'own drill', seed: 7 };
    const bare = { loss: null, drill, runtime: runtime({}, 'attached'), gates: [] };
    expect(next({ ...bare, verdict: 'inconclusive' })).to.deep.equal([
      `npx drill run FILE --confirm 'own drill' --seed 7  # when nothing else runs here`,
    ]);
  });

  it('carry what came from elsewhere than the drill file', () => {
    const outside = [
      { key: 'runtime', value: 'embedded', from: '--runtime' },
      { key: 'targets.rto', value: '9s', from: 'DRILL_TARGETS_RTO' },
      { key: 'declare', value: 'after 5s', from: '--set' },
      { key: 'description', value: "it's", from: 'drill.config.yaml' },
    ];
    const drill = { ...passed.drill, outside };
    expect(next({ drill, verdict: 'interrupted', loss: null, gates: [] })).to.deep.equal([
      `npx drill run ${FILE} --runtime embedded --set targets.rto=9s ` +
        String.raw`--set 'declare=after 5s' --set 'description=it'\''s'`,
    ]);
    const open = { ...gate('rpo', 'inconclusive'), needs: { key: 'workload.rate', rate_per_s: 9 } };
    expect(next({ drill, verdict: 'inconclusive', gates: [open] }).join('\n')).to.match(
      /--set targets\.rto=9s .* --set workload\.rate=9\/s {2}#/,
    );
  });
});

describe('a command that is printed', () => {
  it('is called as the user calls drill, wherever it stands in a text', () => {
    expect(commandName({ npm_command: 'exec' })).to.equal('npx drill');
    expect(commandName({})).to.equal('drill');
    const npx = (text: string) => callsIn(text, 'npx drill');
    expect(npx('drill down 2026, then drill up FILE')).to.equal(
      'npx drill down 2026, then npx drill up FILE',
    );
    expect(npx('`drill init` writes one')).to.equal('`npx drill init` writes one');
    expect(npx('npx drill run a.yaml')).to.equal('npx drill run a.yaml');
    expect(npx('the drill run was long; drill itself; ./drill run')).to.equal(
      'the drill run was long; drill itself; ./drill run',
    );
    expect(npx('drill --help, drill VERB --help')).to.equal(
      'npx drill --help, npx drill VERB --help',
    );
  });

  it('knows every verb', () => {
    expect([...COMMAND_VERBS]).to.have.members(verbs.map(({ name }) => name));
  });
});
