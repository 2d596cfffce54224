// Compiles src/ to dist/. Runs as npm's `prepare`, which also happens where TypeScript is absent (a
// production install, or `npx` before `npm ci`): then it says what to do and leaves the exit code
// at 0, since a failing `prepare` leaves a broken link in npm's cache.
import { existsSync, renameSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
if (!existsSync(join(root, 'src'))) {
  process.exit(0); // an installed package: dist/ came with it
}
if (!existsSync(tsc)) {
  console.error('drill: TypeScript is not installed, nothing was built. Run: npm ci');
  process.exit(0);
}
// Built beside and then moved into place: a build that fails leaves the last good one, and whoever
// runs it meanwhile never sees half of one.
const fresh = join(root, `dist.${process.pid}`);
const old = `${fresh}.old`;
const project = join(root, 'tsconfig.build.json');
const built = spawnSync(process.execPath, [tsc, '-p', project, '--outDir', fresh], {
  stdio: 'inherit',
});
if (built.status === 0) {
  const target = join(root, 'dist');
  if (existsSync(target)) renameSync(target, old);
  renameSync(fresh, target);
}
rmSync(fresh, { recursive: true, force: true });
rmSync(old, { recursive: true, force: true });
process.exit(built.status ?? 1);
