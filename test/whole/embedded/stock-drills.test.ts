// Every drill that comes with drill, on processes; and none is forgotten.
import { expect } from 'chai';
import { relative } from 'node:path';
import { drillFiles } from '../../../src/session/find-drill.ts';
import { it } from '../../support/commands.ts';
import { describeDrills, FOLDER } from '../../support/whole/describe-drills.ts';
import { DRILL_CASES } from '../../support/whole/stock-drills.ts';

it('the table names every drill that comes with drill, but for those of a single fault', () => {
  const all = drillFiles(FOLDER).map((path) => relative(FOLDER, path));
  const files = all.filter((file) => !file.startsWith('faults/')); // describe-fault-drills.ts
  expect(DRILL_CASES.map(({ file }) => file)).to.have.members(files);
});

describeDrills('embedded');
