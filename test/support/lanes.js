// The test files in lanes that run side by side. Whole drills mostly wait, for health checks, for DNS
// and for service to hold, and need little of the processor; but two that come up in the same moment
// disturb each other, so a lane has only one at a time, and there are as many lanes of them as the
// machine has processors to spare. What needs the processor and no exact times gives way to them.
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/** By the beginning of a path below `test/`; the first lane that fits has the file. */
const LANES = [
  {
    name: 'drills on containers',
    nice: 0,
    begins: ['compose/', 'drills/compose', 'embedded/redis', 'topology/rebuild'],
  },
  { name: 'drills on processes', nice: 0, begins: ['embedded/', 'drills/'] },
  { name: 'everything else', nice: 10, begins: [''] },
];

/** Of the checkout at `root`: a lane's name, files and niceness. */
export function laneFiles(root) {
  const folder = join(root, 'test');
  const all = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .toSorted();
  const laneOf = (file) =>
    LANES.find(({ begins }) => begins.some((beginning) => file.startsWith(beginning)));
  return LANES.map((lane) => ({
    name: lane.name,
    nice: lane.nice,
    files: all.filter((file) => laneOf(file) === lane).map((file) => join('test', file)),
  }));
}
