// Packs the evidence of a run or of a series into one file that is signed and can be taken
// elsewhere. What would not be believed there is not packed.
import type { KeyObject } from 'node:crypto';
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import { RUN_ID, stateOf, type RunState } from '../../archive/run-list.ts';
import { RUN_FILES } from '../../evidence/evidence.ts';
import { EvidenceError } from '../../evidence/evidence-error.ts';
import { ENVELOPE, PUBLIC_KEY, type Check } from '../../evidence/pack/check-pack.ts';
import { signEnvelope } from '../../evidence/pack/dsse.ts';
import { publicPemOf } from '../../evidence/pack/keys.ts';
import { fileAt, filesBelow, hashOf, type PackFile } from '../../evidence/pack/pack-file.ts';
import { clashProblem, PackError, pathProblem } from '../../evidence/pack/paths.ts';
import { statementText, type Predicate } from '../../evidence/pack/statement.ts';
import { endOfTar, headerOf, paddingOf, SIZE_MAX } from '../../evidence/pack/tar.ts';
import { lockHolders } from '../../host/lock.ts';
import { shellWord } from '../../screen/text.ts';
import { UserError } from '../../screen/user-error.ts';
import { EXIT } from '../../verdict/exit-code.ts';
import { judgeRun } from '../judge.ts';
import { seriesFile, seriesLock, type SeriesFile } from '../series-files.ts';
import { doubtfulRuns, readTrials } from '../series-results.ts';
import { checkRun, seriesAgain } from './judge-pack.ts';
import { judgedPart, type JudgedRun } from './predicate.ts';
import { RUNS, verifyPack } from './verify.ts';

/** What a pack does not take along: passwords of a system, and what is no evidence. */
const LEFT_OUT: readonly string[] = [
  ...[RUN_FILES.system, RUN_FILES.claims, RUN_FILES.pinned, RUN_FILES.report],
];

export interface PackOptions {
  readonly asked: { readonly series: SeriesFile } | { readonly place: string };
  readonly key: KeyObject;
  /** The file that is made; it must not be there. */
  readonly to: string;
  readonly now_ms: number;
  /** Of drill. */
  readonly version: string;
}

export interface Packed {
  readonly predicate: Predicate;
  readonly files: number;
  readonly bytes: number;
}

/** Throws a `UserError` for what is not packed, with the reason; nothing is left of it then. */
export function packEvidence(options: PackOptions): Packed {
  try {
    return pack(options);
  } catch (error) {
    if (error instanceof PackError || error instanceof EvidenceError) {
      throw refused(error.message);
    }
    throw error;
  }
}

function pack({ asked, key, to, now_ms, version }: PackOptions): Packed {
  const found = 'series' in asked ? ofSeries(asked.series) : ofRun(asked.place);
  const packed_at = new Date(Math.floor(now_ms / 1_000) * 1_000).toISOString();
  const predicate = { packed_at, packed_by: version, ...found.judged };
  const files = [
    memoryFile(PUBLIC_KEY, publicPemOf(key)),
    memoryFile('README.txt', readme(version)),
    ...found.files,
  ];
  const clash = clashProblem([ENVELOPE, ...files.map(({ path }) => path)]);
  if (clash !== null) throw refused(clash);
  for (const { path, size } of files) requirePackable(path, size);
  const subjects = files.map((file) => ({ path: file.path, sha256: hashOf(file) }));
  const envelope = signEnvelope(Buffer.from(statementText(subjects, predicate)), key);
  writeTar(to, [memoryFile(ENVELOPE, envelope), ...files], Date.parse(packed_at) / 1_000);
  requireVerified(to, key);
  return { predicate, files: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0) };
}

interface FoundEvidence {
  readonly files: readonly PackFile[];
  readonly judged: Pick<Predicate, 'runs' | 'series'>;
}

function ofRun(place: string): FoundEvidence {
  requireOver(place);
  const id = idOf(place);
  const judged = judgedIn(place, id);
  return { files: filesOfRun(place, id), judged: judgedPart([judged], null) };
}

function ofSeries(file: SeriesFile): FoundEvidence {
  const { id, runs } = file;
  if (lockHolders(seriesLock(runs, id)).length > 0) throw refused(`${id}: the series is running`);
  const read = readTrials(file);
  const [doubtful] = doubtfulRuns(read);
  if (doubtful !== undefined) {
    throw refused(`${id}: its trial ${doubtful} is gone, or not as it was written`);
  }
  const own = read.results.flatMap((result) => result?.id ?? []);
  if (own.length === 0) throw refused(`${id}: no trial of it has a result`);
  for (const run of own) requireOver(join(runs, run));
  const judged = own.map((run) => judgedIn(join(runs, run), run));
  const made = new Map(judged.map(({ result }) => [result.id, result]));
  const files = own.flatMap((run) => filesOfRun(join(runs, run), run));
  files.push(fileAt(seriesFile(runs, id), `${RUNS}/series/${id}.json`));
  return { files, judged: judgedPart(judged, seriesAgain(runs, id, made)) };
}

const WHY: Readonly<Record<Exclude<RunState, 'finished'>, readonly [string, string?]>> = {
  running: ['it is still running'],
  kept: ['its system is up still, and writes to its files', 'drill down RUN'],
  stopped: ['its runner was killed, and something may be left of it', 'drill clean RUN'],
  unreadable: ['its undo log cannot be read here'],
  unseen: ['whether it is still running cannot be seen from here'],
};

function requireOver(place: string): void {
  const state = stateOf(place);
  if (state === 'finished') return;
  const [why, hint] = WHY[state];
  const name = basename(place);
  throw refused(`${name}: ${why}`, hint?.replace('RUN', shellWord(place)));
}

/** The run whose files these are, by their journal; not where the folder is named for another. */
function idOf(place: string): string {
  const { id } = judgeRun(place).result;
  const name = basename(place);
  if (id === '' || pathProblem(`${RUNS}/${id}`) !== null || id.includes('/')) {
    throw refused(`${name}: its journal does not say which run it is of`);
  }
  if (RUN_ID.test(name) && name !== id) throw refused(`${name}: its files are of the run ${id}`);
  return id;
}

function judgedIn(place: string, id: string): JudgedRun {
  const { checks, judged } = checkRun(place, id);
  const problem = checks.find(({ isOk }) => !isOk);
  if (problem !== undefined || judged === null) {
    throw refused(problem?.text ?? id, `drill judge ${shellWord(place)}`);
  }
  return judged;
}

function filesOfRun(place: string, id: string): PackFile[] {
  const isTaken = (path: string) => !path.startsWith('.') && !LEFT_OUT.includes(path);
  return [...filesBelow(place, isTaken)].map((file) => {
    return { ...file, path: `${RUNS}/${id}/${file.path}` };
  });
}

function requirePackable(path: string, size: number): void {
  const problem = pathProblem(path);
  if (problem !== null) throw refused(`${path}: ${problem}`);
  if (size > SIZE_MAX) throw refused(`${path}: it has ${size} bytes, a pack takes ${SIZE_MAX}`);
}

function memoryFile(path: string, text: string): PackFile {
  const bytes = Buffer.from(text);
  return { path, size: bytes.length, time_s: null, chunks: () => [bytes] };
}

function writeTar(to: string, files: readonly PackFile[], time_s: number): void {
  const file = openSync(to, 'wx', 0o644);
  const write = (bytes: Buffer) => {
    for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
  };
  try {
    for (const { path, size, chunks } of files) {
      write(headerOf({ path, size, time_s }));
      for (const chunk of chunks()) write(chunk);
      write(paddingOf(size));
    }
    write(endOfTar());
    fsyncSync(file);
  } catch (error) {
    rmSync(to, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

/** A pack that somebody else would not believe is none. */
function requireVerified(to: string, key: KeyObject): void {
  const isWrong = ({ isOk }: Check) => !isOk;
  try {
    const { checks, isWhole } = verifyPack(to, key);
    if (!isWhole) throw refused(checks.find(isWrong)?.text ?? 'it could not be verified');
  } catch (error) {
    rmSync(to, { force: true });
    throw error;
  }
}

function refused(why: string, hint?: string): UserError {
  const options = { exitCode: EXIT.inconclusive, ...(hint === undefined ? {} : { hint }) };
  return new UserError(`no evidence was packed: ${why}`, options);
}

function readme(version: string): string {
  return `Evidence of a disaster-recovery drill, packed by drill ${version} (npm: dr-drill).

${ENVELOPE}  what was signed: the SHA-256 of every other file here, and the verdict
                    (an in-toto statement in a DSSE envelope, Ed25519)
${PUBLIC_KEY}    the public half of the key. Anybody can put one here: verify with the one
                    that you have from the signer
${RUNS}/               the files of each run: what was asked, what happened, every write

To verify, with the whole file or with the folder that it was unpacked to:

    npx dr-drill evidence verify FILE --key PUBLIC.pem
`;
}
