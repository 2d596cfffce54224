// Faults on the GSLB, on either runtime: before a disaster that must wait for it, and on a system
// that is up, whose runner is killed while they last.
import { expect } from 'chai';
import { basename } from 'node:path';
import { ORDERS_SERVICE } from '../../../src/gslb/protocol.ts';
import { resolveService, zoneSerial } from '../../../src/gslb/resolver.ts';
import { hostClock } from '../../../src/host/clock.ts';
import { readKeptSystem } from '../../../src/topology/kept-system.ts';
import { it } from '../commands.ts';
import { atEngine, composeEnvironment, requireDocker } from '../servers/docker.ts';
import { SHORT_DRILL, Workplace } from './drill-cli.ts';
import { LATER, systemUp } from './killed.ts';
import { runMeasured } from './run-measured.ts';

type Runtime = 'embedded' | 'compose';

const ANSWER_MS = 2_000;
/** Longer than between two health checks. */
const CHECKED_MS = 1_500;
const clock = hostClock();

export function describeGslbFaults(runtime: Runtime): void {
  describeBeforeDisasters(runtime);
  describeKilled(runtime);
}

function describeBeforeDisasters(runtime: Runtime): void {
  describe(`a fault on the GSLB before a disaster, ${runtime}`, function () {
    this.timeout(240_000);
    const env = runtime === 'compose' ? composeEnvironment() : {};
    let place: Workplace;

    before(function () {
      if (runtime === 'compose') requireDocker(this);
    });
    afterEach(() => {
      const atDocker =
        runtime === 'compose' ? place.runs().flatMap((r) => atEngine(basename(r))) : [];
      const left = [...place.leftBehind(), ...atDocker];
      place.remove();
      expect(left).to.deep.equal([]);
    });

    const drilled = async (fault: string) => {
      const faults = `faults:\n  - { at: 300ms, ${fault} }\n  - { at: 800ms, kind: lose-region, region: east }`;
      const text = SHORT_DRILL.replace(/faults:\n {2}- .*/, () => faults).replace(
        /rto: \w+/,
        'rto: 1m',
      );
      place = new Workplace(text);
      const { code, stdout, stderr } = await runMeasured(
        place,
        ['run', 'drill.yaml', '--runtime', runtime],
        env,
      );
      expect(code, stdout + stderr).to.equal(0);
      const events = place.events();
      // A busy machine can have had a region seem down before.
      const since = events.findIndex((each) => each.event === 'fault.started' && each.disaster);
      return (name: string) => events.slice(since).find(({ event }) => event === name)!;
    };

    it.full(
      'a GSLB that is lost detects it once it is there again, and is no program that died',
      async () => {
        // Longer than a program may say nothing that nobody has let stand still.
        const first = await drilled('kind: lose-gslb, for: 12s');
        const [healed, down] = [first('fault.healed'), first('region.down')];
        expect(down.t).to.be.greaterThan(healed.t - 50);
        expect(place.result().recovery?.rto_ms).to.be.greaterThan(11_400);
      },
    );

    it.full(
      'DNS that is stale moves clients once it is over, though the GSLB was told before',
      async () => {
        const first = await drilled('kind: stale-dns, for: 5s');
        const [told, healed] = [first('recovery.finished'), first('fault.healed')];
        expect(told.t).to.be.lessThan(healed.t);
        expect(first('gslb.withheld').t).to.be.lessThan(healed.t);
        expect(first('gslb.redirected').t).to.be.greaterThan(healed.t - 50);
        expect(place.result().recovery?.rto_ms).to.be.greaterThan(4_400);
      },
    );
  });
}

function describeKilled(runtime: Runtime): void {
  describe(`a fault on the GSLB whose runner is killed, on a system that is up, ${runtime}`, function () {
    this.timeout(240_000);
    const system = systemUp({ runtime });

    const address = () => {
      const { nodes } = readKeptSystem(system.directory);
      const { hostname, port } = new URL(nodes.find(({ node }) => node === 'gslb')!.url);
      return { host: hostname, port: Number(port) };
    };
    const answer = () => resolveService(address(), ORDERS_SERVICE, { timeout_ms: ANSWER_MS });
    /** Twice, as whoever asks over DNS is told it. */
    const serials = async () => {
      const first = await zoneSerial(address(), ANSWER_MS);
      await clock.sleep(CHECKED_MS);
      return [first, await zoneSerial(address(), ANSWER_MS)];
    };

    for (const kind of ['lose-gslb', 'stale-dns']) {
      it.full(`is healed by drill clean: ${kind}`, async () => {
        const before = await answer();
        await system.kill('fault.injected', `{ at: 300ms, kind: ${kind}, for: 63s }\n  - ${LATER}`);
        const [first, second] = await serials();
        expect(first, 'the fault lasts').to.equal(second);
        expect(first === null).to.equal(kind === 'lose-gslb');
        await system.clean();
        const [now, later] = await serials();
        expect(later).to.be.greaterThan(now!);
        expect(await answer()).to.deep.equal(before);
        // The next drill looks whether the system is whole.
        await system.kill('steady.ended');
        await system.clean();
      });
    }
  });
}
