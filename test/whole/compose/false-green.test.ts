// Never a false green on containers: faults that do not bite, an engine that says nothing; parts
// that die while the drill runs, and a dead one that somebody starts again. It says why, it ends,
// and nothing stays behind.
import { expect } from 'chai';
import { basename } from 'node:path';
import type { RunEvent } from '../../../src/evidence/event.ts';
import type * as RuntimesModule from '../../../src/topology/runtimes.ts';
import type { SystemMaker } from '../../../src/topology/system/system.ts';
import { built } from '../../support/whole/built.ts';
import { SHORT_DRILL, Workplace } from '../../support/whole/drill-cli.ts';
import { endedAfterProof, resetProxies } from '../../support/whole/ended-by-others.ts';
import { runInProcess, withRegion, type InProcessRun } from '../../support/whole/in-process-run.ts';
import { planOf } from '../../support/plan/plan-of.ts';
import { TOO_BUSY } from '../../support/whole/run-measured.ts';
import {
  atEngine,
  composeEnvironment,
  containerOf,
  docker,
  requireDocker,
} from '../../support/servers/docker.ts';
import { optionsFor } from '../../support/system/runtime-options.ts';
import { it } from '../../support/commands.ts';

const DEADLINE_MS = 4_000;
/** It gives up soon where service does not come back. */
const DRILL = `${SHORT_DRILL.replace('rto: 15s', 'rto: 3s')}recover: { deadline: 3s }\n`;
const BACK = /The fence did not hold to the end of the drill: east\/postgres is dead\?/;
const idOf = (events: readonly RunEvent[]) => {
  const started = events.find((event) => event.event === 'run.started');
  return started?.event === 'run.started' ? started.id : '';
};

describe('a drill on containers that proves nothing does not pass', function () {
  this.timeout(120_000);
  let own: SystemMaker;
  before(async function () {
    requireDocker(this);
    const { systemMaker } = await built<typeof RuntimesModule>('topology/runtimes.js');
    own = systemMaker('compose', optionsFor(composeEnvironment()));
  });

  async function run(runtime: SystemMaker): Promise<InProcessRun & { readonly words: string }> {
    const plan = planOf(SHORT_DRILL);
    const within = { ...plan, recover: { ...plan.recover, deadline_ms: DEADLINE_MS } };
    const ended = await runInProcess(within, () => ({ runtime }));
    expect(atEngine(idOf(ended.events))).to.deep.equal([]);
    expect(ended.left).to.deep.equal([]);
    expect(ended.result.cleanup).to.deep.equal({ clean: true, left: [] });
    return { ...ended, words: ended.result.reasons.join('\n') };
  }

  it.full('when the kill of the fault kills nobody', async () => {
    let kills = 0;
    const idle = withRegion(own, 'east', (region) => ({
      kill: async () => {
        if (++kills > 1) await region.kill(); // the fence's
      },
    }));
    const { result, words } = await run(idle);
    expect(kills).to.equal(2);
    expect(result.verdict, words).to.equal('inconclusive');
    expect(words).to.match(/did not bite: .*east\/\S+ is dead/);
    expect(words).to.contain('The docker engine saw east/postgres hit');
  });

  it.full('when somebody resets the proxy server while a region is cut off', async () => {
    const cut = SHORT_DRILL.replace('east }\n', 'east, how: partition }\n');
    // No time is judged here: few requests, and patient ones.
    const patient = cut
      .replace('rate: 100/s', 'rate: 20/s')
      .replace('timeout: 500ms', 'timeout: 3s');
    const { result } = await runInProcess(planOf(`${patient}expect: ride-out\n`), (parts) => ({
      ...endedAfterProof(parts, 'lose-region', resetProxies),
      runtime: own,
    }));
    const words = result.reasons.join('\n');
    expect(['inconclusive', 'fail'], words).to.include(result.verdict);
    expect(words).to.match(/^The fault lose-region of region east did not last: /m);
    expect(result.cleanup).to.deep.equal({ clean: true, left: [] });
  });

  it.full('when the engine never says that anybody died', async () => {
    const runtime: SystemMaker = {
      up: (context) => {
        const emit: typeof context.emit = (name, ...rest) => {
          if (name !== 'node.witnessed') context.emit(name, ...rest);
        };
        return own.up({ ...context, emit });
      },
    };
    const { result, words } = await run(runtime);
    expect(result.verdict, words).to.equal('inconclusive');
    expect(words).to.contain('The docker engine never said that east/postgres was hit (die).');
  });
});

describe('a drill on containers, where somebody else has a hand in it,', function () {
  this.timeout(120_000);
  let place: Workplace;
  before(function () {
    requireDocker(this);
  });
  beforeEach(() => (place = new Workplace(DRILL)));
  afterEach(async () => {
    const left = place.runs().flatMap((run) => atEngine(basename(run)));
    left.push(...place.leftBehind());
    if (left.length > 0) await place.run(['clean'], composeEnvironment());
    place.remove();
    expect(left).to.deep.equal([]);
  });

  interface Planted {
    readonly node: string;
    readonly after: RunEvent['event'];
    readonly act: 'kill' | 'start';
    readonly says: RegExp;
  }
  const cases: readonly Planted[] = [
    { node: 'toxiproxy', after: 'steady.started', act: 'kill', says: /toxiproxy|proxy/ },
    { node: 'gslb', after: 'steady.started', act: 'kill', says: /gslb/i },
    { node: 'west/postgres', after: 'steady.ended', act: 'kill', says: /west\/postgres|standby/ },
    { node: 'east/postgres', after: 'fence.proved', act: 'start', says: BACK },
  ];
  for (const { node, after, act, says } of cases) {
    it.full(`does not pass: ${act} ${node} at ${after}`, async () => {
      const args = ['run', 'drill.yaml', '--runtime', 'compose', '--reporter', 'plain'];
      const drill = place.start(args, composeEnvironment());
      await drill.event('topology.up', ({ event }) => event === 'topology.up');
      const id = containerOf(basename(place.runs()[0]!), node);
      await drill.event(after, ({ event }) => event === after);
      docker(act, id);
      const { code, signal, stdout, stderr } = await drill.ended;
      expect(signal, 'it ends by itself').to.equal(null);
      const { verdict, reasons, cleanup } = place.result();
      expect(verdict, stdout + stderr).to.not.equal('pass');
      expect(code, stdout + stderr).to.be.oneOf([1, 3]);
      expect(reasons.filter((reason) => !TOO_BUSY.test(reason)).join('\n')).to.match(says);
      expect(cleanup).to.deep.equal({ clean: true, left: [] });
    });
  }
});
