// Every drill that comes with drill, on processes; and none is forgotten.
import { expect } from 'chai';
import { relative } from 'node:path';
import { drillFiles } from '../../../src/session/find-drill.ts';
import { it } from '../../support/commands.ts';
import { describeDrills, FOLDER } from '../../support/whole/describe-drills.ts';
import { DRILL_CASES } from '../../support/whole/stock-drills.ts';

it('the table names every drill that comes with drill, but for single faults and own systems', () => {
  const all = drillFiles(FOLDER).map((path) => relative(FOLDER, path));
  // Those have tests of their own: describe-fault-drills.ts, whole/attached.
  const files = all.filter((file) => !/^(faults|attached)\//.test(file));
  expect(DRILL_CASES.map(({ file }) => file)).to.have.members(files);
});

describeDrills('embedded');
