// `npm run docs`: writes docs/reference.md from the schema and the registries, docs/schemas/, and the
// picture of a report.
// Tests compare, so that a reference that is out of date fails.
import { writeFileSync } from 'node:fs';
import { evidenceSchema, SCHEMA_NAMES } from '../../src/evidence/schemas.ts';
import { fileURLToPath } from 'node:url';
import { reportPicture } from './report-picture.ts';
import { referenceText } from './reference.ts';

const FILE = fileURLToPath(new URL('../reference.md', import.meta.url));

writeFileSync(FILE, await referenceText());
writeFileSync(new URL('../report.svg', import.meta.url), reportPicture());
for (const name of SCHEMA_NAMES) {
  const file = new URL(`../schemas/${name}.schema.json`, import.meta.url);
  writeFileSync(file, `${JSON.stringify(evidenceSchema(name), null, 2)}\n`);
}
