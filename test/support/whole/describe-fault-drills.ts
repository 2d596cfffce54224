// The drills of single faults, on either runtime: each passes, its fault bites and lasts, and nothing
// is left behind.
import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { it } from '../commands.ts';
import { atEngine, composeEnvironment, requireDocker } from '../servers/docker.ts';
import { ROOT, Workplace } from './drill-cli.ts';
import { runMeasured } from './run-measured.ts';

const FOLDER = join(ROOT, 'drills/faults');

export function describeFaultDrills(runtime: 'embedded' | 'compose'): void {
  describe(`the drills of single faults, ${runtime}`, function () {
    this.timeout(240_000);
    const isCompose = runtime === 'compose';
    let place: Workplace;

    before(function () {
      if (isCompose) requireDocker(this);
    });
    beforeEach(() => (place = new Workplace()));
    afterEach(() => {
      const atDocker = isCompose ? place.runs().flatMap((run) => atEngine(basename(run))) : [];
      const left = [...place.leftBehind(), ...atDocker];
      place.remove();
      expect(left).to.deep.equal([]);
    });

    const drills = readdirSync(FOLDER);
    const needing = drills.filter((file) =>
      /^runtime: /m.test(readFileSync(join(FOLDER, file), 'utf8')),
    );
    // What embedded lacks: `drill check` says so.
    for (const file of isCompose ? drills : drills.filter((each) => !needing.includes(each))) {
      it.full(`${file} passes`, async () => {
        const args = ['run', join(FOLDER, file), '--runtime', runtime];
        const { code, stdout, stderr } = await runMeasured(
          place,
          args,
          isCompose ? composeEnvironment() : {},
        );
        expect(code, stdout + stderr).to.equal(0);
        const proofs = place.events().filter((event) => event.event === 'fault.proved');
        expect(proofs).not.to.deep.equal([]);
        expect(proofs.filter(({ ok }) => !ok)).to.deep.equal([]);
        expect(place.result().cleanup).to.deep.equal({ clean: true, left: [] });
      });
    }
  });
}
