// The table of shares (`test/shares.json`): which suites belong to which command, which of them have
// the machine to themselves, and how many seconds each takes. A key is a test file or a folder;
// the longest key that fits a file is the one that counts, and all files of one key share its
// seconds. `test` is for `npm test`, `full` for `npm run test:full`; a key without one of them is
// not part of that command. Suites that are `alone` run one after the other; the rest, which judge
// no times, run beside each other.
import { spawnSync } from 'node:child_process';

/** A start of Node on the machine whose seconds the table has, quiet, 2 cores. */
const START_MS = 60;
const STARTS = 7;
/** What a suite may take more than in the table. */
const ROOM = 2;
const ROOM_S = 10;
const PARTS = 6;

/**
 * The key of the table that counts for a file.
 */
export function keyOf(table, file) {
  const keys = Object.keys(table).filter((key) => file === key || file.startsWith(`${key}/`));
  return keys.toSorted((a, b) => b.length - a.length)[0] ?? null;
}

/**
 * The files of a command: those beside each other in parts of about the same length, of which two are
 * run at a time, and those that have the machine to themselves.
 */
export function lanesOf(table, files, command) {
  const shareOf = (file) => table[keyOf(table, file) ?? ''];
  const own = files.filter((file) => shareOf(file)?.[command] !== undefined);
  const alone = own.filter((file) => shareOf(file).alone === true);
  const parts = Array.from({ length: PARTS }, () => ({ files: [], seconds: 0 }));
  const beside = own.filter((file) => !alone.includes(file));
  const keys = [...new Set(beside.map((file) => keyOf(table, file)))];
  for (const key of keys.toSorted((a, b) => table[b][command] - table[a][command])) {
    const [shorter] = parts.toSorted((a, b) => a.seconds - b.seconds);
    shorter.files.push(...beside.filter((file) => keyOf(table, file) === key));
    shorter.seconds += table[key][command];
  }
  const longest = parts.toSorted((a, b) => b.seconds - a.seconds);
  return { beside: longest.map((part) => part.files).filter(({ length }) => length > 0), alone };
}

/** What a command may take in all, in seconds, on the machine of the table. */
export function budgetOf(table, command) {
  const shares = Object.values(table);
  const sum = (isAlone) =>
    shares
      .filter(({ alone = false }) => alone === isAlone)
      .reduce((total, share) => total + (share[command] ?? 0), 0);
  return sum(true) + sum(false) / 2;
}

/**
 * A sentence for each key whose suites took longer than their share times `scale`.
 */
export function overdrawn(table, command, taken, scale) {
  const byKey = new Map();
  for (const [file, seconds] of taken) {
    const key = keyOf(table, file);
    byKey.set(key, (byKey.get(key) ?? 0) + seconds);
  }
  const problems = [];
  for (const [key, seconds] of byKey) {
    const share = table[key ?? '']?.[command];
    if (share === undefined) problems.push(`${key} has no share in test/shares.json`);
    else if (seconds > share * scale * ROOM + ROOM_S) {
      const scaled = scale === 1 ? '' : ` x ${scale.toFixed(1)} for this machine`;
      problems.push(`${key} took ${seconds.toFixed(1)} s, its share is ${share} s${scaled}`);
    }
  }
  return problems;
}

/** How much slower this machine starts Node, now, than the one of the table; never below 1. */
export function measureScale() {
  const times = Array.from({ length: STARTS }, () => {
    const began = performance.now();
    spawnSync(process.execPath, ['-e', '0']);
    return performance.now() - began;
  });
  const median = times.toSorted((a, b) => a - b)[Math.floor(STARTS / 2)];
  return Math.max(1, median / START_MS);
}
