// `npm run docs`: writes docs/reference.md from the schema and the registries. A test compares, so
// that a reference that is out of date fails.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { referenceText } from './reference.ts';

const FILE = fileURLToPath(new URL('../reference.md', import.meta.url));

writeFileSync(FILE, await referenceText());
