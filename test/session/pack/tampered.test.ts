// Evidence that was packed, and what somebody did to it: without the key, with the key and drill's
// own checksums as they were, and with both made anew. Each is found, by its reason.
import { expect } from 'chai';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ENVELOPE } from '../../../src/evidence/pack/check-pack.ts';
import { makeKeyPair } from '../../../src/evidence/pack/keys.ts';
import { takeLock } from '../../../src/host/lock.ts';
import type { Predicate } from '../../../src/evidence/pack/statement.ts';
import { verifyPack } from '../../../src/session/pack/verify.ts';
import {
  change,
  ID,
  LOST,
  OTHER,
  Packs,
  predicateIn,
  problems,
  publicKey,
  remade,
  signAgain,
} from '../../support/evidence/packs.ts';
import { sealedRun } from '../../support/evidence/sealed-run.ts';
import { plan } from '../../support/evidence/synthetic.ts';

let packs: Packs;

const scratches = () => readdirSync(tmpdir()).filter((name) => name.startsWith('drill-evidence-'));

describe('a run that was packed', () => {
  beforeEach(() => {
    packs = new Packs();
  });
  afterEach(() => packs.remove());

  it('is verified elsewhere, as a file and as a folder, and nothing is left behind', () => {
    const before = scratches();
    const result = sealedRun(packs.runs, { id: ID, lost: LOST, plan: { controls: ['SOC2-A1.2'] } });
    const file = packs.pack({ place: join(packs.runs, ID) });
    expect(problems(file)).to.deep.equal([]);
    expect(verifyPack(file, publicKey).checks.map(({ what }) => what)).to.deep.equal([
      ...['signature', 'files', 'seal', 'verdict', 'statement'],
    ]);
    rmSync(packs.runs, { recursive: true });
    const folder = packs.unpack(file);
    expect(problems(folder)).to.deep.equal([]);
    const { runs: said, series, packed_at } = predicateIn(folder);
    expect([packed_at, series]).to.deep.equal(['2026-11-28T12:00:00.000Z', null]);
    expect(said).to.have.length(1);
    expect(said[0]).to.include({ run: ID, verdict: result.verdict, lost_writes: LOST });
    expect(said[0]!.controls).to.deep.equal(['SOC2-A1.2']);
    expect(said[0]!.gates.map(({ name, target }) => [name, target])).to.deep.equal(
      result.gates.map(({ name, target }) => [name, target]),
    );
    expect(scratches()).to.deep.equal(before);
  });

  it('is verified without what a killed verifier left; what is at work, or no verifier’s, stays', () => {
    sealedRun(packs.runs, { id: ID });
    const file = packs.pack({ place: join(packs.runs, ID) });
    const made = ['killed', 'at-work', 'of-somebody'].map((name) => {
      return mkdtempSync(join(tmpdir(), `drill-evidence-${name}-`));
    });
    const [killed, atWork] = made.map((each) => join(each, 'verify.lock'));
    try {
      mkdirSync(killed!);
      const owner = { pid: 2 ** 22 + 1, started: '1' };
      writeFileSync(join(killed!, '1-ab.json'), JSON.stringify({ by: 'a verifier', owner }));
      takeLock(atWork!, 'a verifier');
      expect(problems(file)).to.deep.equal([]);
      expect(made.map((each) => existsSync(each))).to.deep.equal([false, true, true]);
    } finally {
      for (const each of made) rmSync(each, { recursive: true, force: true });
    }
  });

  it('is not believed by another key, and each file that was changed is named', () => {
    const { folder, run } = packs.unpacked();
    const other = createPublicKey(makeKeyPair().publicPem);
    expect(problems(folder, other)[0]).to.match(/^signature: it is signed with the key/);
    const names = ['drill.yaml', 'plan.json', 'journal.ndjson', 'ledger.bin', 'survivors.bin'];
    for (const name of [...names, 'result.json', 'logs/gslb.log']) {
      const file = join(run, name);
      const bytes = readFileSync(file);
      const flipped = Buffer.from(bytes);
      flipped[bytes.length >> 1]! ^= 1;
      writeFileSync(file, flipped);
      expect(problems(folder)[0]).to.match(new RegExp(`^files: runs/${ID}/${name}: its SHA-256`));
      writeFileSync(file, bytes);
    }
    expect(problems(folder)).to.deep.equal([]);
  });

  it('is found out where a lost write is taken from the ledger, whoever does it', () => {
    const { folder, run } = packs.unpacked();
    const journal = readFileSync(join(run, 'journal.ndjson'));
    remade(folder, { lost: 0 });
    const changed = problems(folder);
    expect(changed.join('\n')).to.include(`files: runs/${ID}/survivors.bin: its SHA-256`);
    // Signed again by somebody who has the key, and says the old numbers.
    signAgain(folder);
    expect(problems(folder)).to.include('statement: runs.0.lost_writes: stated 3, recomputed 0');
    // And with the journal as it was.
    writeFileSync(join(run, 'journal.ndjson'), journal);
    signAgain(folder);
    expect(problems(folder)[0]).to.match(/^seal: .*survivors\.bin: it is not as the run closed it/);
  });

  it('is found out where a target is another one, in the plan or in the drill file', () => {
    const { folder, run } = packs.unpacked();
    change(join(run, 'plan.json'), '"rto_ms":15000', '"rto_ms":99000');
    expect(problems(folder)[0]).to.match(/^files: .*plan\.json: its SHA-256/);
    signAgain(folder);
    expect(problems(folder)[0]).to.match(/^seal: .*plan\.json: it is not as the run began with it/);
    // With all of drill's own checksums computed again, and the statement as it was.
    remade(folder, { plan: { targets: { ...plan.targets, rto_ms: 99_000 } } });
    signAgain(folder);
    expect(problems(folder).join('\n')).to.match(
      /statement: runs\.0\.gates\.0\.target: stated 15000/,
    );
    remade(folder, {});
    signAgain(folder);
    expect(problems(folder)).to.deep.equal([]);
    change(join(run, 'drill.yaml'), 'name: synthetic', 'name: other');
    signAgain(folder);
    expect(problems(folder)[0]).to.match(/^seal: .*drill\.yaml: it is not as the run began/);
    remade(folder, { plan: { sha256: '0'.repeat(64) } });
    signAgain(folder);
    expect(problems(folder)[0]).to.match(/^seal: .*plan was not made of its drill\.yaml/);
  });

  it('is found out where its ledger is of another run', () => {
    const { folder, run } = packs.unpacked();
    sealedRun(packs.runs, { id: OTHER, lost: LOST });
    copyFileSync(join(packs.runs, OTHER, 'ledger.bin'), join(run, 'ledger.bin'));
    expect(problems(folder)[0]).to.match(/^files: .*ledger\.bin: its SHA-256/);
    signAgain(folder);
    expect(problems(folder)[0]).to.match(/^seal: .*ledger\.bin: it is not as the run closed it/);
  });

  it('is found out where all of its files are of another run', () => {
    const { folder, run } = packs.unpacked();
    sealedRun(packs.runs, { id: OTHER });
    rmSync(run, { recursive: true });
    cpSync(join(packs.runs, OTHER), run, { recursive: true });
    expect(problems(folder)[0]).to.match(/^files: /);
    signAgain(folder);
    const text = `verdict: ${ID}: its journal is of the run ${OTHER}`;
    expect(problems(folder)).to.include(text);
    renameSync(run, join(folder, 'runs', OTHER));
    signAgain(folder);
    expect(problems(folder)).to.deep.equal([`statement: ${ID}: it is not in the pack`]);
  });

  it('is found out where the statement is of another run, by the same key', () => {
    const { folder } = packs.unpacked();
    sealedRun(packs.runs, { id: OTHER });
    const other = packs.unpack(packs.pack({ place: join(packs.runs, OTHER) }));
    copyFileSync(join(other, ENVELOPE), join(folder, ENVELOPE));
    const found = problems(folder).join('\n');
    expect(found).to.include(`files: runs/${OTHER}/ledger.bin: it is missing`);
    expect(found).to.include(`files: runs/${ID}/ledger.bin: it was added, and nobody signed it`);
  });

  it('is found out where the statement says a verdict that does not follow', () => {
    const { folder, run } = packs.unpacked();
    const says = (verdict: string) => (said: Predicate) => ({
      ...said,
      runs: said.runs.map((one) => ({ ...one, verdict })),
    });
    signAgain(folder, says('fail'));
    expect(problems(folder)).to.deep.equal([
      'statement: runs.0.verdict: stated "fail", recomputed "pass"',
    ]);
    signAgain(folder, (said) => ({ ...said, runs: [...said.runs, ...said.runs] }));
    expect(problems(folder)).to.deep.equal(['statement: a run stands in it twice']);
    signAgain(folder, (said) => ({ ...said, runs: said.runs.slice(0, 1) }));
    change(join(run, 'result.json'), '"lost": 3', '"lost": 0');
    signAgain(folder);
    const found = problems(folder).join('\n');
    expect(found).to.match(/seal: .*result\.json is not the one that its journal says/);
    expect(found).to.match(/verdict: .*not what its evidence gives: loss\.lost: stored 0/);
  });

  it('is believed by its own key alone where an attacker signs, and that is said', () => {
    const { folder } = packs.unpacked();
    const attacker = makeKeyPair();
    remade(folder, { lost: 0 });
    const mine = packs.pack(
      { place: join(folder, 'runs', ID) },
      createPrivateKey(attacker.privatePem),
    );
    expect(problems(mine)[0]).to.match(/^signature: it is signed with the key/);
    // Whole by itself: who vouches for the key is not for a pack to say.
    expect(problems(mine, null)).to.deep.equal([]);
    const forged = packs.unpack(mine);
    rmSync(join(forged, 'evidence.pub.pem'));
    expect(problems(forged, null)[0]).to.match(/--key FILE is needed/);
  });
});
