// Every drill that comes with drill, on processes; and none is forgotten.
import { expect } from 'chai';
import { readdirSync } from 'node:fs';
import { it } from '../../support/commands.ts';
import { describeDrills, FOLDER } from '../../support/whole/describe-drills.ts';
import { DRILL_CASES } from '../../support/whole/stock-drills.ts';

it('the table names every drill that comes with drill', () => {
  const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.yaml'),
  );
  expect(DRILL_CASES.map(({ file }) => file)).to.have.members(files);
});

describeDrills('embedded');
