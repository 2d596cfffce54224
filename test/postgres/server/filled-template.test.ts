// The template with rows of its own: filled once, whoever asks for it, and never left half done.
import { expect } from 'chai';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostClock } from '../../../src/host/clock.ts';
import { EnvironmentError } from '../../../src/host/environment-error.ts';
import { locatePostgres } from '../../../src/postgres/server/binaries.ts';
import { cacheDirectory } from '../../../src/postgres/server/cache.ts';
import type { FillProgress } from '../../../src/postgres/server/fill.ts';
import {
  ensureFilled,
  filledPlace,
  type FilledOptions,
} from '../../../src/postgres/server/filled-template.ts';
import { databaseIdentity } from '../../../src/postgres/server/identity.ts';
import { ensureTemplate } from '../../../src/postgres/server/template.ts';
import { it } from '../../support/commands.ts';

const BYTES = 20e6;

describe('a filled template', function () {
  this.timeout(300_000);
  let root: string;
  let common: Pick<FilledOptions, 'binaries' | 'identity' | 'environment' | 'template'>;
  let progress: FillProgress[];
  let told: string[];
  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'drill-filled-'));
    chmodSync(root, 0o755);
    const identity = databaseIdentity();
    const environment = process.env;
    const binaries = await locatePostgres(environment, identity);
    const { signal } = new AbortController();
    const onFirstRun = () => Promise.resolve();
    const cache = cacheDirectory(environment, identity);
    const making = { binaries, identity, cache, environment, signal, onFirstRun };
    const template = await ensureTemplate(making);
    common = { binaries, identity, environment, template };
    [progress, told] = [[], []];
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const optionsOf = (own: Partial<FilledOptions> = {}, name = 'run'): FilledOptions => ({
    ...common,
    cache: root,
    signal: new AbortController().signal,
    bytes: BYTES,
    copy_ms: 60_000,
    clock: hostClock(),
    workplace: join(root, `${name}-work`),
    logFile: join(root, `${name}.log`),
    onProgress: (one) => progress.push(one),
    onMaking: (_, damage) => Promise.resolve(void told.push(damage ?? 'new')),
    onWaiting: () => told.push('waiting'),
    ...own,
  });
  /** What is in the cache besides logs and locks, which hold nothing. */
  const left = () => readdirSync(root).filter((name) => !/\.(log|lock)$/.test(name));

  it.full('is filled by one of two that ask at once; the other one waits for it', async () => {
    const both = await Promise.all([
      ensureFilled(optionsOf({}, 'one')),
      ensureFilled(optionsOf({}, 'two')),
    ]);
    expect(both.map(({ from }) => from).toSorted()).to.deep.equal(['cache', 'fill']);
    expect(told.toSorted()).to.deep.equal(['new', 'waiting']);
    expect(left()).to.have.length(1);
    const { length } = progress;
    expect(progress[length - 1]).to.include({ of_bytes: BYTES, bytes: 0.87 * BYTES });
    // After the rows, after each index, and at the end of what the server does.
    const shares = progress.slice(-4).map(({ bytes }) => bytes / BYTES);
    expect(shares).to.deep.equal([0.7, 0.77, 0.84, 0.87]);
    expect((await ensureFilled(optionsOf())).from).to.equal('cache');
    expect(progress).to.have.length(length);
  });

  it.full('leaves nothing where it is cancelled, and is filled anew', async () => {
    const cancel = new AbortController();
    const onProgress = () => cancel.abort(new Error('Ctrl-C'));
    const stopped = ensureFilled(optionsOf({ signal: cancel.signal, bytes: 60e6, onProgress }));
    const problem = await stopped.then(
      () => null,
      (error: unknown) => error,
    );
    expect(problem).to.be.an('error').with.property('message', 'Ctrl-C');
    expect(left()).to.deep.equal([]);
    expect((await ensureFilled(optionsOf({ bytes: 60e6 }))).from).to.equal('fill');
  });

  it.full('is filled anew where it was damaged', async () => {
    const options = optionsOf();
    const { template } = await ensureFilled(options);
    const base = join(template.data, 'base');
    const files = readdirSync(base, { recursive: true }).map((name) => join(base, String(name)));
    const largest = files.toSorted((a, b) => statSync(b).size - statSync(a).size)[0]!;
    truncateSync(largest, 8192);
    expect((await ensureFilled(options)).from).to.equal('fill');
    expect(told[1]).to.contain('was changed');
    expect((await ensureFilled(options)).from).to.equal('cache');
    expect(left()).to.deep.equal([filledPlace(options).slice(root.length + 1)]);
  });

  it.full('is refused before anything of it is there where the disk has no room', async () => {
    const problem = await ensureFilled(optionsOf({ bytes: 1e15 })).then(
      () => null,
      (error: unknown) => error,
    );
    expect(problem).to.be.instanceOf(EnvironmentError);
    expect((problem as Error).message).to.contain('1000000000 MB free');
    expect(left()).to.deep.equal([]);
    expect(progress).to.deep.equal([]);
  });
});
