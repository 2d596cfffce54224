// A drill on containers in a shell whose variables belong to something else ends as without them.
import { expect } from 'chai';
import { execa } from 'execa';
import { it } from '../../support/commands.ts';
import { requirePart } from '../../support/require.ts';
import { Workplace } from '../../support/whole/drill-cli.ts';
import { FOREIGN_VARIABLES } from '../../support/whole/foreign-variables.ts';
import { wasTooBusy } from '../../support/whole/run-measured.ts';

describe('on containers, a shell whose variables belong to something else', function () {
  this.timeout(180_000);

  before(async function () {
    const docker = await execa('docker', ['version'], { reject: false, timeout: 10_000 });
    requirePart(this, 'docker', docker.exitCode === 0, 'no docker engine answers');
  });

  it.full('changes nothing', async () => {
    const place = new Workplace();
    try {
      const args = ['run', 'drill.yaml', '--runtime', 'compose', '--reporter', 'plain'];
      const { code, stdout, stderr } = await place.run(args, FOREIGN_VARIABLES);
      const { verdict, reasons, cleanup } = place.result();
      const isBusy = verdict === 'inconclusive' && wasTooBusy(reasons);
      if (!isBusy) expect(code, stdout + stderr).to.equal(0);
      expect(cleanup).to.deep.equal({ clean: true, left: [] });
    } finally {
      place.remove();
    }
  });
});
